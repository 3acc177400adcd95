"""The embedded PostgreSQL and Redis: nobody's data is lost, and nothing is left running."""

import os
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import psycopg2
import pytest
import redis

from followup.embedded import Servers
from followup.plainly import CannotStart

USE_THEM = """
import sys
from pathlib import Path
from followup.embedded import Servers
servers = Servers(Path(sys.argv[1]), durable=False)
servers.join()
print("in", flush=True)
sys.stdin.read()
"""


class Visitor:
    """Another process that uses the servers until it is told to go."""

    def __init__(self, home: Path):
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_THEM, home], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout.readline() == "in\n"

    def goes(self):
        self.process.communicate(timeout=60)

    def is_killed(self):
        self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "Mina data å"


@pytest.fixture
def servers(home):
    servers = Servers(home, durable=False)
    servers.join()
    yield servers
    servers.leave()


def said(servers: Servers, sql: str):
    connection = servers.postgres.connect()
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def test_the_last_one_out_stops_them_and_nobody_earlier(home):
    first, second = Visitor(home), Visitor(home)
    servers = Servers(home)
    first.goes()
    assert servers.postgres.answers()
    assert servers.redis.answers()
    second.goes()
    assert not servers.postgres.answers()
    assert not servers.redis.answers()
    assert "database system is shut down" in servers.postgres.log.read_text()


def test_after_a_killed_user_the_next_one_finds_them_and_stops_them(home):
    Visitor(home).is_killed()
    servers = Servers(home)
    assert servers.postgres.answers()
    Visitor(home).goes()
    assert not servers.postgres.answers()
    assert not servers.redis.answers()


def test_a_killed_postgresql_with_a_busy_session_comes_back_with_its_data(home):
    servers = Servers(home)
    servers.join()
    try:
        said(servers, "CREATE TABLE kept AS SELECT 1 AS value")
        busy = Thread(target=count_for_minutes, args=[servers])
        busy.start()
        while not said(servers, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT count%'"):
            time.sleep(0.01)
        servers.postgres.child.kill()
        servers.postgres.child.wait()
        servers.mend()
        assert said(servers, "SELECT value FROM kept") == (1,)
        busy.join(timeout=10)
        assert not busy.is_alive()
    finally:
        servers.leave()


def test_a_killed_postgresql_that_nobody_has_waited_for_comes_back(home):
    """As it is for seconds under `make run`, and for as long as the command that started it goes on."""
    starter, servers = Visitor(home), Servers(home, durable=False)
    servers.join()
    try:
        said(servers, "CREATE TABLE kept AS SELECT 1 AS value")
        said(servers, "CHECKPOINT")  # the tests' servers write when they like
        for whose in (starter.process.pid, os.getpid()):
            dead = servers.postgres._server()
            assert dead.ppid() == whose
            dead.kill()
            servers.mend()
            assert said(servers, "SELECT value FROM kept") == (1,)
    finally:
        servers.leave()
        starter.goes()


def count_for_minutes(servers: Servers) -> None:
    """A session that does not notice that its server has gone, and keeps every new one out."""
    with pytest.raises(psycopg2.OperationalError):
        said(servers, "SELECT count(*) FROM generate_series(1, 20000000000) AS number WHERE number % 7 = 3")


def test_a_killed_redis_comes_back_at_the_same_address_with_the_queue(tmp_path):
    servers = Servers(tmp_path)
    servers.join(postgres=False)
    try:
        address = servers.redis.url
        with redis.Redis.from_url(address) as client:
            client.lpush("queue", "task")
        servers.redis.child.kill()
        servers.redis.child.wait()
        servers.mend()
        assert servers.redis.url == address
        with redis.Redis.from_url(address) as client:
            assert client.lrange("queue", 0, -1) == [b"task"]
    finally:
        servers.leave()


def test_an_interrupted_first_start_is_begun_again(home):
    (home / "postgres.new").mkdir(parents=True)
    (home / "postgres.new" / "PG_VERSION").write_text("18\n")
    Visitor(home).goes()
    assert not (home / "postgres.new").exists()


def test_a_folder_far_down_works_too(tmp_path):
    deep = tmp_path / ("mycket lång väg " * 6) / "koll"
    deep.parent.mkdir()
    Visitor(deep).goes()


def test_refused_statements_with_names_and_numbers_are_not_logged(servers):
    said(servers, "CREATE TABLE pupil (number text PRIMARY KEY)")
    said(servers, "INSERT INTO pupil VALUES ('200901102392')")
    for refused in ("INSERT INTO pupil VALUES ('200901102392')", "SELECT '200901102392'::date::int"):
        with pytest.raises(psycopg2.Error):
            said(servers, refused)
    log = servers.postgres.log.read_text()
    assert "ready to accept connections" in log
    assert "20090110" not in log


def test_only_the_owner_reaches_the_data(servers, home):
    for private in (home / "postgres", home / "redis", home / "log", servers.postgres.socket_folder):
        assert private.stat().st_mode & 0o077 == 0, private
    assert servers.redis.note.stat().st_mode & 0o077 == 0
    password = servers.redis.url.split("@")[0]
    with (
        pytest.raises(redis.AuthenticationError),
        redis.Redis.from_url(servers.redis.url.replace(password, "redis://")) as stranger,
    ):
        stranger.ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that PostgreSQL's own user cannot enter")
def test_root_may_keep_the_checkout_in_a_closed_home(tmp_path):
    closed = tmp_path / "root"
    closed.mkdir(mode=0o700)
    Visitor(closed / "koll").goes()
    asked = subprocess.run(
        ["ls", closed], user="nobody", group="nogroup", extra_groups=[], capture_output=True
    )
    assert asked.returncode != 0  # passing through is not reading


def test_a_folder_that_is_not_a_database_is_left_alone(home):
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "semester.jpg").write_text("inte en databas")
    with pytest.raises(CannotStart, match="är inte en PostgreSQL-mapp"):
        Servers(home).join()
    assert (home / "postgres" / "semester.jpg").exists()


def test_a_database_of_another_version_is_said_plainly(home):
    Visitor(home).goes()
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(CannotStart, match="gjord av PostgreSQL 16, men här finns version 18"):
        Servers(home).join()


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk]).returncode
    ):
        pytest.skip("only root can make a small disk")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_is_said_plainly(small_disk, monkeypatch):
    with pytest.raises(CannotStart, match="Disken är full"):
        Servers(small_disk).join()
    monkeypatch.setattr("followup.embedded.LEAST_FREE", 0)  # it fills up while the database is made
    with pytest.raises(CannotStart, match="Disken är full"):
        Servers(small_disk).join()


def test_a_fork_of_a_user_does_not_stop_them(servers):
    child = os.fork()
    if child == 0:
        servers.leave()
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.1)
    assert servers.postgres.answers()
