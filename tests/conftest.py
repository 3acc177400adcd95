"""The tests run on the same embedded PostgreSQL and Redis as `make run`, in KOLL_DATA/test.

This module is imported before Django reads its settings: it starts the servers (or joins them) and
points the settings at them. Under `-n 2` the first process starts them and the workers inherit the
addresses; each worker has its own database and its own Redis numbers.
"""

import os

import django
import pytest
from hypothesis import settings as properties

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

if not WORKER:
    from followup.embedded import Servers, data_folder

    home = data_folder() / "test"
    (home / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns where it is missing
    servers = Servers(home, durable=False)
    servers.join(postgres="DATABASE_URL" not in os.environ, redis="REDIS_URL" not in os.environ)
    os.environ.setdefault("DATABASE_URL", servers.postgres.url)
    os.environ.setdefault("REDIS_URL", servers.redis.url)
    os.environ.update(KOLL_DATA=str(home), KOLL_EMBEDDED="1", DJANGO_SETTINGS_MODULE="followup.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # playwright holds an event loop while a test asks the database
    )
    for theirs in ("DEBUG", "DEMO", "KOLL_TODAY", "LOG_LEVEL"):
        os.environ.pop(theirs, None)  # what stands in somebody's shell is not what the tests are about


def pytest_xdist_setupnodes(config, specs):
    """Each worker has its own numbers in Redis; told before it starts, since it reads its settings first."""
    address = os.environ["REDIS_URL"].rsplit("/", 1)[0]
    for number, spec in enumerate(specs, 1):
        spec.env["REDIS_URL"] = f"{address}/{number}"


django.setup()

TUESDAY = "2026-11-24"

# The same examples each time, however slow the machine; `--hypothesis-profile=default` goes looking for new ones.
properties.register_profile("steady", derandomize=True, deadline=None)
properties.load_profile("steady")


@pytest.fixture(scope="session")
def allow_erase():
    """Lifts the audit log's ban on TRUNCATE in this test database, because transactional tests flush it.

    The triggers obey the setting `koll.allow_erase`; nothing outside the tests ever sets it.
    A test that proves the ban does `SET LOCAL koll.allow_erase = 'off'` first.
    """

    def lift():
        from django.db import connection

        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} SET koll.allow_erase = 'on'")
            cursor.execute("SET koll.allow_erase = 'on'")

    return lift


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, allow_erase):
    with django_db_blocker.unblock():
        allow_erase()
    yield
    with django_db_blocker.unblock():
        send_home()


def send_home():
    """Ends what a killed worker has left behind, so that the database can be dropped."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Rate limits and other things in the cache do not reach from one test into the next."""
    yield
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _tuesday(settings):
    """The clock of the tests stands at Tuesday 24 November 2026 unless a test moves it."""
    from datetime import date

    settings.KOLL_TODAY = date.fromisoformat(TUESDAY)


@pytest.fixture(autouse=True)
def _counted_anew(monkeypatch):
    """The numbers of the rail are counted at every page, so that a page asks as much the second time."""
    monkeypatch.setattr("followup.navigation.REMEMBERED", 0)


@pytest.fixture
def world(db):
    """The small named world of tests/world.py."""
    from tests import world

    return world.build()
