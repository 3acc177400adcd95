"""Web, worker and beat as one thing that starts, mends and stops together: what `manage.py run` runs.

Each child is a process group of its own, so that Ctrl-C in the terminal reaches only the supervisor and
the children are stopped in order. What runs is noted in KOLL_DATA/run/children.json: a supervisor that
was killed leaves its children behind, and the next one ends them first.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from followup.plainly import CannotStart, disk_full, said_plainly
from followup.postgres import ended

PATIENCE = 8  # seconds between asking a child to stop and ending it
READY_WITHIN = 120
DEATHS = 3  # within a minute: then something is wrong that a restart does not mend
LOG_SIZE = 10 * 2**20


@dataclass
class Child:
    name: str
    command: list[str]
    log: Path
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))

    def start(self) -> None:
        with said_plainly(str(self.log)), self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stderr=log,  # stdout is the terminal: there the demo prints its e-mails
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                pass_fds=self.pass_fds,
                start_new_session=True,
            )

    def died(self) -> bool:
        return self.process.poll() is not None

    def dies_again_and_again(self) -> bool:
        self.deaths.append(time.monotonic())
        return len(self.deaths) == DEATHS and self.deaths[-1] - self.deaths[0] < 60

    def last_words(self) -> str:
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - 4000))
            lines = [
                line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()
            ]
        if any("No space left on device" in line for line in lines):
            return disk_full(self.log.parent)
        last = lines[-1][:300] if lines else "inget besked"
        return f"{self.name} startar inte: {last} (loggen: {self.log})"


def address_in(home: Path) -> str:
    """Where the Koll that runs on a data folder answers; empty when none does."""
    return _noted(_note_in(home)).get("address", "")


def _note_in(home: Path) -> Path:
    return home / "run" / "children.json"


def _noted(note: Path) -> dict:
    try:
        return json.loads(note.read_text())
    except (OSError, ValueError):
        return {}


class Supervisor:
    """Runs its children until it is told to stop. `mend` looks after what they stand on."""

    def __init__(self, home: Path, mend: Callable[[], None] = lambda: None):
        self.home = home
        self.mend = mend
        self.children: list[Child] = []
        self.address = ""
        self._note = _note_in(home)
        self._lock = None
        self._told_to_stop = 0

    def claim(self) -> None:
        """One supervisor for each data folder; what a killed one left behind is ended."""
        with said_plainly(str(self.home)):
            self._note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.home / "log").mkdir(mode=0o700, exist_ok=True)
            self._lock = (self._note.parent / "run.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = _noted(self._note).get("address", "")
            raise CannotStart(f"Koll är redan igång med data i {self.home}: {where}") from None
        _end_groups([pid for pid, born in _noted(self._note).get("children", {}).items() if _same(pid, born)])

    def add(self, name: str, log_name: str, *command: str, pass_fds: tuple[int, ...] = ()) -> None:
        log = self.home / "log" / f"{log_name}.log"
        if log.exists() and log.stat().st_size > LOG_SIZE:
            log.replace(log.with_suffix(".log.1"))
        self.children.append(Child(name, [sys.executable, "-m", *command], log, pass_fds))

    def run(self, say: Callable[[str], None]) -> None:
        """Start everything, say the address when it answers, and stay until told to stop."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._hear)
        try:
            for child in self.children:
                child.start()
                self._write_note()
            self._wait_until_ready()
            if not self._told_to_stop:
                say(self.address)
            self._watch()
        finally:
            self._stop()

    def _hear(self, *_):
        self._told_to_stop += 1

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN
        while not self._told_to_stop:
            self._restart_the_dead()
            try:
                with urlopen(f"{self.address}/healthz", timeout=2):
                    return
            except (URLError, OSError):
                if time.monotonic() > until:
                    raise CannotStart(self.children[0].last_words()) from None
            self._sleep(0.1)

    def _watch(self) -> None:
        looked = time.monotonic()
        while not self._told_to_stop:
            self._restart_the_dead()
            if time.monotonic() - looked > 3:
                self.mend()
                looked = time.monotonic()
            self._sleep(0.3)

    def _sleep(self, seconds: float) -> None:
        if not self._told_to_stop:
            time.sleep(seconds)

    def _restart_the_dead(self) -> None:
        for child in self.children:
            if child.died():
                if child.dies_again_and_again():
                    raise CannotStart(child.last_words())
                _end_groups([child.process.pid])  # what it had started
                self.mend()
                child.start()
                self._write_note()

    def _stop(self) -> None:
        """Ask, wait, end; an impatient second Ctrl-C ends at once."""
        started = [child.process for child in self.children if child.process]
        for process in started:
            _signal_group(process.pid, signal.SIGTERM, only_leader=True)
        until = time.monotonic() + PATIENCE
        asked = self._told_to_stop
        while time.monotonic() < until and self._told_to_stop <= max(asked, 1):
            if all(process.poll() is not None for process in started):
                break
            time.sleep(0.05)
        _end_groups([process.pid for process in started])
        for process in started:
            process.wait()
        self._note.unlink(missing_ok=True)

    def _write_note(self) -> None:
        children = {}
        for child in self.children:
            if child.process:
                try:
                    children[child.process.pid] = psutil.Process(child.process.pid).create_time()
                except psutil.Error:
                    continue
        with said_plainly(str(self._note.parent)):
            half = self._note.with_suffix(".new")
            half.write_text(json.dumps({"address": self.address, "children": children}))
            half.replace(self._note)


def listen(port: int) -> socket.socket:
    """The socket that the web server inherits: no other program can take the port in between."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except PermissionError:
        raise CannotStart(
            f"Port {port} får bara användas av root. Välj en annan: make run PORT=8001"
        ) from None
    except OSError:
        raise CannotStart(
            f"Port {port} är upptagen av ett annat program. Välj en annan: make run PORT={port + 1}"
        ) from None
    listener.set_inheritable(True)
    return listener


def _same(pid: str | int, born: float) -> bool:
    try:
        return abs(psutil.Process(int(pid)).create_time() - born) < 0.01
    except psutil.Error:
        return False


def _signal_group(pid: int, number: int, *, only_leader: bool = False) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number) if only_leader else os.killpg(pid, number)


def _end_groups(leaders: list[str | int]) -> None:
    """End whole groups; each leader's number is its group's."""
    left = [process for process in psutil.process_iter() if _group(process) in {int(pid) for pid in leaders}]
    for pid in leaders:
        _signal_group(int(pid), signal.SIGKILL)
    until = time.monotonic() + 5
    while any(not ended(process) for process in left) and time.monotonic() < until:
        time.sleep(0.02)


def _group(process: psutil.Process) -> int:
    try:
        return os.getpgid(process.pid)
    except OSError:
        return 0
