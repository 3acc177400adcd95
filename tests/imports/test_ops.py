"""When something breaks in the middle: nothing half-written, nothing running for ever, nothing lost."""

import base64
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from redis import Redis

from followup.celery import app
from students.imports import actions, queries, running, tasks
from students.imports.models import Batch, Upload
from students.models import AttendanceDay

HEAD = "personnummer;skolenhetskod;datum;planerat;giltig;ogiltig;sen;orapporterat\n"
NARVARO = HEAD + "200901102392;99900011;2026-11-20;300;0;60;0;0\n"


def in_queue() -> list[int]:
    """The uploads that the worker is asked to take, in order."""
    messages = Redis.from_url(settings.REDIS_URL).lrange("celery", 0, -1)
    bodies = [json.loads(base64.b64decode(json.loads(message)["body"])) for message in messages]
    return [body[0][0] for body in reversed(bodies)]


def received(world, text=NARVARO) -> Upload:
    file = SimpleUploadedFile("narvaro.csv", text.encode())
    return actions.receive(files=[file], by=world.ulla, scope=world.scope("ulla"))


def test_a_run_that_ends_while_the_page_is_made_is_not_called_interrupted(world, monkeypatch):
    """The registrar would read the file in once more, or believe that grades are missing."""
    upload = received(world)
    Batch.objects.update(state=Batch.State.RUNNING)

    def ends_meanwhile():
        Batch.objects.update(state=Batch.State.DONE)
        return set()

    monkeypatch.setattr(running, "running_ids", ends_meanwhile)
    (card,) = queries.upload_page(upload, world.scope("ulla")).cards
    assert card.batch.state == Batch.State.RUNNING  # asks again in a moment
    Batch.objects.update(state=Batch.State.RUNNING)
    assert actions.mark_interrupted() == 0


@pytest.mark.django_db(transaction=True)
def test_ops_01_a_job_never_starts_before_its_upload_is_saved(world, client):
    """Random nights without import."""
    app.control.purge()
    client.force_login(world.ulla)
    for _upload in range(100):
        client.post(reverse("imports:list"), {"files": [SimpleUploadedFile("narvaro.csv", NARVARO.encode())]})
    ordered = in_queue()
    assert ordered == list(Upload.objects.order_by("pk").values_list("pk", flat=True))
    assert len(ordered) == 100
    for pk in ordered:
        tasks.plan_upload(pk)
    assert Batch.objects.filter(state=Batch.State.PREVIEW, finished_at__isnull=False).count() == 100


@pytest.mark.django_db(transaction=True)
def test_ops_01_a_request_that_fails_orders_no_job(world, client):
    app.control.purge()
    client.force_login(world.ulla)
    client.raise_request_exception = False
    with connection.cursor() as cursor:  # the trace cannot be written, so the act does not stand
        cursor.execute(
            "ALTER TABLE audit_event ADD CONSTRAINT refuses CHECK (verb <> 'receive_upload') NOT VALID"
        )
    try:
        answer = client.post(
            reverse("imports:list"), {"files": [SimpleUploadedFile("n.csv", NARVARO.encode())]}
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_event DROP CONSTRAINT refuses")
    assert answer.status_code == 500
    assert not Upload.objects.exists()
    assert not in_queue()


# What the killed worker runs: the ordinary task, in a process of its own.
WORKER = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from students.imports import tasks
tasks.run_upload(int(sys.argv[2]))
"""


@pytest.mark.django_db(transaction=True)
def test_ops_03_a_worker_killed_half_way_leaves_nothing_and_can_run_again(world, client):
    """Half a school compared with whole ones."""
    rows = "".join(
        f"{number};99900011;{day:%Y-%m-%d};300;{minute};0;0;0\n"
        for number, minute in (("200901102392", 0), ("200809062383", 30))
        for day in days(5_000)
    )
    upload = received(world, HEAD + rows)
    tasks.plan_upload(upload.pk)
    actions.request_run(upload=upload, by=world.ulla)
    with connection.cursor() as cursor:  # the run stands still in the middle of its writing
        cursor.execute("""
            CREATE FUNCTION stand_still() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.excused = 30 AND NEW.date = '2020-01-01' THEN PERFORM pg_sleep(600); END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER stand_still BEFORE INSERT ON students_attendanceday
                FOR EACH ROW EXECUTE FUNCTION stand_still();
        """)
    try:
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(upload.pk)],
            env={**os.environ, "PYTHONPATH": os.getcwd()},
        )
        batch = Batch.objects.get()
        wait_until(lambda: running.running_ids() == {batch.pk} and asleep())
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep';
            """)
            wait_until(lambda: not asleep())
            cursor.execute("DROP FUNCTION stand_still CASCADE")
    wait_until(lambda: not running.running_ids())

    batch.refresh_from_db()
    assert batch.state == Batch.State.RUNNING
    assert AttendanceDay.objects.count() == 0
    client.force_login(world.ulla)
    page = client.get(reverse("imports:upload", args=[upload.pk])).content.decode()
    assert "Inläsningen avbröts" in page  # seen at once, before anything has marked it
    tasks.look_after()
    batch.refresh_from_db()
    assert batch.state == Batch.State.INTERRUPTED

    client.post(reverse("imports:again", args=[batch.pk]))
    tasks.plan_upload(upload.pk)
    client.post(reverse("imports:run", args=[upload.pk]))
    tasks.run_upload(upload.pk)
    batch.refresh_from_db()
    assert batch.state == Batch.State.DONE
    assert AttendanceDay.objects.count() == 10_000


def days(count):
    from datetime import date, timedelta

    return (date(2013, 1, 1) + timedelta(days=number) for number in range(count))


def asleep() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep')")
        return cursor.fetchone()[0]


def wait_until(there, seconds=120):
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


# A web process whose Redis does not answer.
WITHOUT_REDIS = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from followup.accounts.models import User
client = Client()
client.force_login(User.objects.get(email="ulla@example.org"))
file = SimpleUploadedFile("narvaro.csv", sys.argv[2].encode())
print(client.post("/inlasning/", {"files": [file]}, follow=True).content.decode())
"""


@pytest.mark.django_db(transaction=True)
def test_a_silent_queue_keeps_the_files_and_says_so(world):
    """An upload at half past four on a Friday is not lost because Redis is."""
    app.control.purge()
    page = subprocess.run(
        [sys.executable, "-c", WITHOUT_REDIS, connection.settings_dict["NAME"], NARVARO],
        env={**os.environ, "PYTHONPATH": os.getcwd(), "REDIS_URL": "redis://127.0.0.1:1/0", "DEBUG": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Filerna är sparade, men kön svarar inte just nu" in page
    assert not in_queue()
    tasks.look_after()
    assert in_queue() == [Upload.objects.get().pk]


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_one_upload_do_the_work_once(world):
    upload = received(world)
    tasks.plan_upload(upload.pk)
    actions.request_run(upload=upload, by=world.ulla)
    tasks.run_upload(upload.pk)
    first = Batch.objects.get().finished_at
    tasks.run_upload(upload.pk)
    assert Batch.objects.get().finished_at == first
    assert AttendanceDay.objects.count() == 1
