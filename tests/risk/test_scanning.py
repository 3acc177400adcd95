"""Nights that go wrong: started twice, killed in the middle, missed, Redis away or emptied."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import date, timedelta
from datetime import time as clock_time
from urllib.parse import urlsplit

import pytest
from celery import current_app
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection, connections

from followup.postgres import Postgres
from followup.risk import scanning, tasks
from followup.risk.actions import order_scan, scan_now
from followup.risk.actions.scans import make_night
from followup.risk.after_import import after_import
from followup.risk.models import Flag, FlagEvent, Scan, ScanPart
from followup.risk.queries.facts import facts_until
from tests import world as small_world
from tests.risk.life import days_before, went

TUESDAY = date(2026, 11, 24)
MONDAY = date(2026, 11, 23)


def everybody_away(world):
    """A fifth of each day, for twenty days: each of the five pupils gets one flag."""
    for name, student in world.students.items():
        unit = world.bjork if name == "tove" else world.sodra if name == "saga" else world.norra
        went(student, unit, days_before(MONDAY, 20), excused=60)
    return world


@pytest.fixture
def flagged(world):
    return everybody_away(world)


@pytest.fixture
def committed(transactional_db):
    yield everybody_away(small_world.build())
    current_app.control.purge()


def wait_for(what, seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain")


def nobody_twice():
    assert ScanPart.objects.filter(state="done").count() == 3
    assert Flag.objects.count() == 5
    assert set(FlagEvent.objects.values_list("what", flat=True)) == {"opened"}
    assert FlagEvent.objects.count() == 5


def test_two_nights_started_at_once_do_the_work_once(committed):
    together = threading.Barrier(2)

    def night():
        together.wait()
        scan, _new = make_night()
        while scanning.work_on(scan):
            pass
        connections.close_all()

    threads = [threading.Thread(target=night) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Scan.objects.get().state == "done"
    nobody_twice()


def surroundings(database_url: str) -> dict:
    return os.environ | {
        "DATABASE_URL": database_url,
        "REDIS_URL": project.REDIS_URL,
        "KOLL_TODAY": TUESDAY.isoformat(),
        "PYTHONPATH": str(project.BASE_DIR),
    }


@pytest.fixture
def worker():
    """Real workers on this test's own queue; `start()` starts one, the test may kill it."""
    started = []

    def start(database_url=""):
        name = connection.settings_dict["NAME"]
        ours = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-q", "-A", "followup", "worker", "-c", "1", "-P", "prefork"],
            env=surroundings(database_url or ours),
            cwd=project.BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_worker_killed_in_the_middle_is_taken_over(committed, worker, monkeypatch):
    with connection.cursor() as cursor:  # holds the unit, so that the worker stands in the middle
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [scanning.UNIT_LOCK, committed.norra.pk])
    scan, _new = make_night()
    tasks.send(scan)
    first = worker()
    wait_for(lambda: ScanPart.objects.filter(unit=committed.norra, state="running").exists())
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [scanning.UNIT_LOCK, committed.norra.pk])
    assert not Flag.objects.filter(unit=committed.norra).exists()  # nothing half-written

    worker()
    monkeypatch.setattr(scanning, "STUCK_AFTER", timedelta(seconds=1))
    time.sleep(1)
    tasks.look_after_scans()
    wait_for(lambda: Scan.objects.filter(state="done").exists())
    nobody_twice()


def test_a_queue_that_was_emptied_loses_no_scan(committed, worker, monkeypatch):
    scan = order_scan(by=committed.anna)
    assert scan.is_sent
    current_app.control.purge()
    worker()
    monkeypatch.setattr(scanning, "STUCK_AFTER", timedelta(0))
    tasks.look_after_scans()
    wait_for(lambda: Scan.objects.filter(pk=scan.pk, state="done").exists())


def test_a_scan_can_be_ordered_while_redis_is_away(committed, monkeypatch):
    def silent(*args, **kwargs):
        with current_app.connection_for_write("redis://127.0.0.1:1/0") as nowhere:
            return original(*args, connection=nowhere, **kwargs)

    original = current_app.send_task
    monkeypatch.setattr(current_app, "send_task", silent)
    scan = order_scan(by=committed.anna)
    assert scan.is_sent is False
    assert scan.parts.unfinished().count() == 3
    monkeypatch.undo()
    while scanning.work_on(scan):
        pass
    nobody_twice()


def test_a_missed_night_is_caught_up_once_for_the_newest_day(committed, settings, monkeypatch):
    settings.KOLL_TODAY = date(2026, 11, 20)
    make_night()
    settings.KOLL_TODAY = TUESDAY
    monkeypatch.setattr(tasks, "NIGHT_STARTS", clock_time.max)
    tasks.look_after_scans()
    assert Scan.objects.count() == 1  # the hour of the night has not come
    monkeypatch.setattr(tasks, "NIGHT_STARTS", clock_time.min)
    tasks.look_after_scans()
    tasks.look_after_scans()
    days = Scan.objects.filter(kind="night").order_by("day").values_list("day", flat=True)
    assert list(days) == [date(2026, 11, 19), MONDAY]


def test_a_part_that_fails_is_given_up_without_taking_the_others_along(committed, monkeypatch):
    from django.db import DataError

    real = scanning.engine.scan

    def refusing(part, day, codes):
        if committed.norra.pk in part.unit_ids:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 'x'::int")
        return real(part, day, codes)

    monkeypatch.setattr(scanning.engine, "scan", refusing)
    scan = scan_now(day=MONDAY)
    assert scan.state == "failed"
    failed = scan.parts.get(state="failed")
    assert (failed.unit, failed.error) == (committed.norra, f"{DataError.__name__} 22P02")
    assert set(Flag.objects.values_list("unit", flat=True)) == {committed.sodra.pk, committed.bjork.pk}


def test_after_an_import_its_units_are_scanned_as_of_today(flagged, django_capture_on_commit_callbacks):
    after_import([flagged.norra.pk], MONDAY)
    scan = Scan.objects.get(kind="import")
    assert (scan.day, [part.unit for part in scan.parts.all()]) == (TUESDAY, [flagged.norra])


def test_only_today_is_scanned_for_real(flagged, capsys):
    with pytest.raises(CommandError, match="--dry-run"):
        call_command("scan", day="2026-11-20")
    call_command("scan", day="2026-11-23", dry_run=True)
    assert "5 öppnades" in capsys.readouterr().out
    assert not Flag.objects.exists()
    assert not Scan.objects.exists()
    call_command("scan", indicator=["A1"])
    assert "5 öppnades" in capsys.readouterr().out
    assert set(Flag.objects.values_list("indicator", flat=True)) == {"A1"}


def test_the_facts_say_how_far_they_reach(flagged, settings):
    scan_now(day=TUESDAY)
    norra = next(facts for facts in facts_until([flagged.norra.pk, flagged.sodra.pk]))
    assert (norra.unit, norra.until, norra.pupils, norra.known) == (flagged.norra, MONDAY, 3, 3)
    assert norra.sentence.replace("\xa0", " ") == "Frånvaro till och med mån 23 nov."
    settings.KOLL_TODAY = date(2026, 11, 25)
    late = facts_until([flagged.norra.pk])[0]
    assert late.sentence.replace("\xa0", " ") == (
        "Frånvaron är från mån 23 nov. Filen för i går har inte kommit."
    )
    assert not late.missing


A_NIGHT_ELSEWHERE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests import world
from tests.risk.test_scanning import everybody_away
from followup.risk.actions.scans import make_night, send
everybody_away(world.build())
send(make_night()[0])
"""


def test_postgresql_restarted_in_the_middle_of_a_scan(worker, tmp_path):
    """On a cluster of its own: the worker waits, goes on by itself, and nothing is done twice."""
    cluster = Postgres(tmp_path, durable=False)
    cluster.start()
    try:
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", A_NIGHT_ELSEWHERE],
            env=surroundings(cluster.url),
            cwd=project.BASE_DIR,
            check=True,
            capture_output=True,
        )

        def asked(sql, *params):
            with closing(cluster.connect()) as once, once.cursor() as cursor:
                cursor.execute(sql, params)
                return cursor.fetchone()[0]

        holder = cluster.connect()
        with holder.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, unit_id) FROM risk_scanpart", [scanning.UNIT_LOCK])
        worker(cluster.url)
        wait_for(lambda: asked("SELECT count(*) FROM risk_scanpart WHERE state = 'running'"))
        cluster.stop()
        cluster.start()
        wait_for(lambda: asked("SELECT state = 'done' FROM risk_scan"))
        assert asked("SELECT count(*) FROM risk_flag") == asked("SELECT count(*) FROM risk_flagevent") == 5
    finally:
        cluster.stop()
        current_app.control.purge()
