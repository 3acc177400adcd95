"""`make run`: one command starts everything, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest
from django.conf import settings

from followup.embedded import Servers

MANAGE = [sys.executable, settings.BASE_DIR / "manage.py"]


def environment(home: Path, **variables) -> dict:
    """As in a stranger's shell: nothing of what the tests themselves run on."""
    ours = ("KOLL_", "DJANGO_", "PYTEST_", "DATABASE_URL", "REDIS_URL", "DEMO", "SECRET_KEY", "HTTPS")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return clean | {"KOLL_DATA": str(home), "DEMO": "0", "PYTHONUNBUFFERED": "1"} | variables


class House:
    """One `manage.py run` in one folder."""

    def __init__(self, home: Path, port: int, **variables):
        self.home, self.port = home, port
        self.process = subprocess.Popen(
            [*MANAGE, "run", "--port", str(port)],
            env=environment(home, **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ready(self) -> None:
        """Waits for the address."""
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "Koll är igång" in line:
                assert f"http://127.0.0.1:{self.port}" in line
                return
        raise AssertionError("it stopped without saying that it runs:\n" + "".join(said))

    def health(self) -> dict:
        with urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
            return json.load(answer)

    def children(self) -> list[psutil.Process]:
        noted = json.loads((self.home / "run" / "children.json").read_text())["children"]
        return [psutil.Process(int(pid)) for pid in noted]

    def everybody(self) -> list[psutil.Process]:
        """Each process of this house, the servers' too, wherever they hang in the tree of processes."""
        ours = [process for child in self.children() for process in [child, *child.children(recursive=True)]]
        mark = str(self.home)
        return ours + [process for process in psutil.process_iter() if _stands_in(process, mark)]

    def stop(self, how=signal.SIGTERM) -> str:
        self.process.send_signal(how)
        rest, _nothing = self.process.communicate(timeout=60)
        return rest


def _stands_in(process: psutil.Process, folder: str) -> bool:
    try:
        return process.cwd().startswith(folder)
    except psutil.Error:
        return False


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    _gone, left = psutil.wait_procs(processes, timeout=20)
    return [process for process in left if process.status() != psutil.STATUS_ZOMBIE]


def eventually(true, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if true():
                return
        except (URLError, OSError, psutil.NoSuchProcess):  # down, or a child that is just being replaced
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {true}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def refused(home: Path, *arguments: str, **variables) -> str:
    """The one sentence of a start that cannot be."""
    done = subprocess.run(
        [*MANAGE, "run", *arguments],
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory) -> Path:
    """A folder where Koll has run once, without the demo."""
    home = tmp_path_factory.mktemp("house") / "koll"
    house = House(home, free_port())
    house.ready()
    assert "PostgreSQL" not in house.stop()
    assert house.process.returncode == 0
    yield home
    shutil.rmtree(home)


def test_it_starts_again_with_its_data_and_stops_everything(lived_in):
    house = House(lived_in, free_port())
    house.ready()
    everybody = house.everybody()
    names = " ".join(" ".join(process.cmdline()) for process in everybody)
    for part in ("postgres", "redis-server", "gunicorn", "worker", "beat"):
        assert part in names
    eventually(lambda: house.health() == {"status": "ok", "reasons": []})

    assert "redan igång" in refused(lived_in, "--port", str(free_port()))

    house.stop(signal.SIGINT)
    assert house.process.returncode == 0
    assert not alive(everybody)
    assert (lived_in / "log" / "postgres.log").read_text().rstrip().endswith("database system is shut down")


def test_a_part_that_dies_is_started_again(lived_in):
    house = House(lived_in, free_port())
    house.ready()
    try:
        web, worker, _beat = house.children()
        web.kill()
        worker.kill()
        eventually(lambda: house.health()["status"] != "down" and web not in house.children())
        eventually(lambda: worker not in house.children())
        servers = Servers(lived_in)
        os.kill(servers.postgres._server().pid, signal.SIGKILL)
        eventually(lambda: house.health()["status"] != "down")
    finally:
        house.stop()


def test_after_kill_9_the_next_start_mends_itself_on_the_same_port(lived_in):
    house = House(lived_in, free_port())
    house.ready()
    left_behind = [
        process for child in house.children() for process in [child, *child.children(recursive=True)]
    ]
    house.process.kill()
    house.process.wait()
    house.process.stdout.close()  # its children still hold the other end
    again = House(lived_in, house.port)
    again.ready()
    try:
        assert again.health()["status"] != "down"
        assert not alive(left_behind)
    finally:
        again.stop()


def test_commands_work_on_the_same_data_while_it_runs_and_when_it_does_not(lived_in):
    ask = [
        *MANAGE,
        "shell",
        "-v",
        "0",
        "-c",
        "from followup.accounts.models import Installation as I; print(I.objects.get())",
    ]

    def answer():
        return subprocess.run(
            ask, env=environment(lived_in), capture_output=True, text=True, timeout=120
        ).stdout

    assert "Installation" in answer()
    assert not Servers(lived_in).postgres.answers()


def test_a_taken_port_is_said_plainly(lived_in):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert refused(lived_in, "--port", str(port)) == (
            f"Port {port} är upptagen av ett annat program. Välj en annan: make run PORT={port + 1}"
        )


def test_a_database_that_cannot_be_reached_is_said_plainly(tmp_path):
    sentence = refused(tmp_path, DATABASE_URL="postgresql://koll@127.0.0.1:1/koll")
    assert sentence.startswith("Databasen i DATABASE_URL går inte att nå: ")
    assert len(sentence.splitlines()) == 1


def test_real_data_is_never_opened_as_a_demo(lived_in):
    assert "inte gjord som demo" in refused(lived_in, "--port", str(free_port()), DEMO="1")
