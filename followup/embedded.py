"""PostgreSQL and Redis that start by themselves, so that one command runs the house.

Used by `manage.py` and by the tests, before Django reads its settings. Every process that needs the
servers holds a shared lock on KOLL_DATA/run/users.lock while it lives; the kernel drops the lock when
the process dies, however it dies. Whoever leaves and can take the lock alone was the last one, and
stops the servers. Starting and stopping happen one at a time, under start.lock.
"""

import atexit
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg2

from followup.plainly import CannotStart, disk_full, said_plainly
from followup.postgres import Postgres
from followup.redis_server import Redis

PROJECT = Path(__file__).resolve().parent.parent
LEAST_FREE = 100 * 2**20  # bytes; a database that fills the last of a disk stops in the middle of its work
WITHOUT_SERVERS = {"help", "version", "collectstatic", "translations"}


class Servers:
    """The two servers of one data folder, and this process's share in them."""

    def __init__(self, home: Path, *, durable: bool = True):
        self.home = home
        self.postgres = Postgres(home, durable=durable)
        self.redis = Redis(home, durable=durable)
        self.wanted: list[Postgres | Redis] = []
        self._share = None
        self._joined_by = None

    def join(self, *, postgres: bool = True, redis: bool = True) -> None:
        """Start what is wanted, or join it when another process has; leave at the end of this one."""
        self.wanted = [server for server, want in ((self.postgres, postgres), (self.redis, redis)) if want]
        with self._one_at_a_time():
            if shutil.disk_usage(self.home).free < LEAST_FREE:
                raise CannotStart(disk_full(self.home))
            share = self._open("users.lock")
            fcntl.flock(share, fcntl.LOCK_SH)
            self._share, self._joined_by = share, os.getpid()
            atexit.register(self.leave)
            try:
                self._start_wanted()
            except BaseException:
                self._leave()
                raise

    def mend(self) -> None:
        """Start again what has died under us."""
        if not all(server.answers() for server in self.wanted):
            with self._one_at_a_time():
                self._start_wanted()

    def leave(self) -> None:
        """Give up this process's share; the last one out stops the servers."""
        if self._share and self._joined_by == os.getpid():  # not a fork of the one that joined
            with self._one_at_a_time():
                self._leave()

    def _start_wanted(self) -> None:
        for server in self.wanted:
            server.start()

    def _leave(self) -> None:
        fcntl.flock(self._share, fcntl.LOCK_UN)
        try:
            fcntl.flock(self._share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # somebody else still works here
        else:
            self.redis.stop()
            self.postgres.stop()
        finally:
            self._share.close()
            self._share = None

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with self._open("start.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _open(self, name: str):
        folder = self.home / "run"
        with said_plainly(str(self.home)):
            folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
            return (folder / name).open("a")


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where everything lives; the same rule as in settings.py."""
    return Path(environ.get("KOLL_DATA") or PROJECT / ".local").expanduser().resolve()


serving: Servers | None = None  # what this process joined


def join_for(arguments: list[str]) -> None:
    """What `manage.py` does first: servers for whichever URL is not given, and what settings must know."""
    global serving
    command = arguments[1] if len(arguments) > 1 else "help"
    own_database = not os.environ.get("DATABASE_URL")
    own_redis = not os.environ.get("REDIS_URL")
    if own_database:
        os.environ["KOLL_EMBEDDED"] = "1"
    if own_database or command == "run":
        os.environ.setdefault("SECRET_KEY", secret_key(data_folder()))
        os.environ.setdefault("HTTPS", "0")
    if command in WITHOUT_SERVERS or {"-h", "--help", "--version"} & set(arguments):
        return
    if own_database or own_redis:
        serving = Servers(data_folder())
        serving.join(postgres=own_database, redis=own_redis)
        if own_database:
            os.environ["DATABASE_URL"] = serving.postgres.url
        if own_redis:
            os.environ["REDIS_URL"] = serving.redis.url
    if own_database or command == "run":
        _follow_the_database(fresh_is_demo=command == "run")


def _follow_the_database(*, fresh_is_demo: bool) -> None:
    """DEMO, where nobody says: as the database was made; `run` makes a fresh one as a demo."""
    made = made_as_demo(os.environ["DATABASE_URL"])
    if not os.environ.get("DEMO"):
        os.environ["DEMO"] = "1" if (fresh_is_demo if made is None else made) else "0"


def secret_key(home: Path) -> str:
    """A key of this data folder's own, made once."""
    path = home / "secret-key"
    with said_plainly(str(home)):
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        if not path.exists():
            half = path.with_suffix(f".{os.getpid()}")
            half.touch(mode=0o600)
            half.write_text(secrets.token_urlsafe(48))
            half.replace(path)
        return path.read_text()


def made_as_demo(url: str) -> bool | None:
    """What a database says of itself: made as a demo, made otherwise, or (None) not made yet."""
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.OperationalError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "inget svar"
        raise CannotStart(f"Databasen i DATABASE_URL går inte att nå: {reason}") from error
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('accounts_installation') IS NOT NULL")
            if not cursor.fetchone()[0]:
                return None
            cursor.execute("SELECT is_demo FROM accounts_installation")
            row = cursor.fetchone()
            return row[0] if row else None
    finally:
        connection.close()
