"""PRV-06 and PRV-04: operators, suppliers and the post read what we log, queue, cache and send.

A journey as registrar and as mentor: files with a pupil's name in their name, a search by number, her
page, a check-in, and a fault of the database that repeats the row. Then everything that left the house is
searched for her: log, error report, queue, cache, addresses, mail.
"""

import base64
import io
import json
import logging

import pytest
import redis
import structlog
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from followup.discretion import strike
from students.drafts.proof import Proof

NOTE = "Hon berättade om sin mormor"
SECRETS = ("Ella", "Lindqvist", "200901102392", "20090110-2392", "0901102392", "mormor")


@pytest.fixture
def log(caplog):
    """What the real handler writes: the same filter, the same formatter, another stream."""
    (handler,) = (
        handler
        for handler in logging.getLogger().handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    )
    stream = io.StringIO()
    before = handler.setStream(stream)
    caplog.set_level(logging.DEBUG)
    yield stream
    handler.setStream(before)


@pytest.fixture
def queue():
    """The broker of the tests, where no worker fetches anything."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("celery")
        yield client
        client.delete("celery")


def tasks_in(client) -> list[str]:
    messages = [json.loads(raw) for raw in client.lrange("celery", 0, -1)]
    return [base64.b64decode(each["body"]).decode() + json.dumps(each["headers"]) for each in messages]


def test_prv_06_and_prv_04_nothing_of_her_leaves_in_log_queue_cache_address_or_mail(
    client, world, log, queue, settings, django_capture_on_commit_callbacks
):
    settings.ADMINS = [("Drift", "drift@example.org")]  # whoever sets it must not get pupils by mail
    client.raise_request_exception = False
    addresses = []

    def go(method, path, *args, **kwargs):
        with django_capture_on_commit_callbacks(execute=True):
            response = getattr(client, method)(path, *args, **kwargs)
        addresses.extend([path, response.headers.get("Location", "")])
        return response

    client.force_login(world.ulla)
    file = SimpleUploadedFile(
        "Ella Lindqvist 200901102392.csv",
        b"personnummer;f\xc3\xb6rnamn;efternamn;skolenhetskod\n200901102392;Ella;Lindqvist;99900011\n",
    )
    uploaded = go("post", reverse("imports:list"), {"files": file})
    assert uploaded.status_code == 302
    go("get", uploaded.url)

    client.force_login(world.karin)
    found = go("post", reverse("student_search"), {"q": "20090110-2392"})
    assert "Lindqvist" in found.content.decode()
    assert "Lindqvist" in go("get", reverse("students:detail", args=[world.ella.pk])).content.decode()
    form = reverse("coaching:check_in", args=[world.ella.pk])
    written = {"met": "yes", "channel": "meeting", "rating": "6", "note": NOTE}
    proof = str(Proof.fresh(user=world.karin, student=world.ella, form="check_in"))
    assert go("post", form, {"proof": proof, **written}).status_code == 302
    with connection.cursor() as cursor:  # the database refuses, and repeats the whole row in its fault
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE coaching_checkin ADD CONSTRAINT nothing CHECK (note = '') NOT VALID")
    proof = str(Proof.fresh(user=world.karin, student=world.ella, form="check_in"))
    assert go("post", form, {"proof": proof, **written}).status_code == 500

    left = {
        "log": log.getvalue(),
        "queue": "\n".join(tasks_in(queue)),
        "cache": "\n".join(key.decode() for key in queue.keys("*")),
        "addresses": "\n".join(addresses),
        "mail": "\n".join(f"{letter.subject} {letter.body}" for letter in mail.outbox),
    }
    assert "CheckViolation" in left["log"]
    assert "plan_upload" in left["queue"]
    for where, text in left.items():
        for secret in SECRETS:
            assert secret not in text, f"{secret} left in the {where}"
    assert mail.outbox == []


def test_log_lines_are_events_with_the_requests_id_and_its_user(client, world, log):
    client.force_login(world.karin)
    client.get(reverse("today"))
    events = [json.loads(line) for line in log.getvalue().splitlines() if "request_finished" in line]
    (event,) = events
    assert (event["request"], event["code"], event["user_id"]) == ("GET /", 200, world.karin.pk)
    assert len(event["request_id"]) == 36
    assert event["duty"] == "school"


def test_a_task_carries_the_id_of_the_request_that_ordered_it(transactional_db, world, client, log, queue):
    client.force_login(world.ulla)
    file = SimpleUploadedFile("elever.csv", "personnummer;förnamn;efternamn\n".encode())
    client.post(reverse("imports:list"), {"files": file})
    (message,) = tasks_in(queue)
    finished = next(line for line in log.getvalue().splitlines() if "request_finished" in line)
    assert json.loads(finished)["request_id"] in message


@pytest.mark.parametrize(
    "number",
    [
        "200901102392",
        "20090110-2392",
        "090110-2392",
        "090110+2392",
        "0901102392",
        "20130101TF01",
        "20090170 2392",
    ],
)
def test_a_number_in_any_shape_is_struck_from_a_log_line(number):
    assert strike(f"kunde inte läsa {number}, rad 3") == "kunde inte läsa [nummer], rad 3"


def test_a_way_in_is_struck_from_a_log_line():
    assert strike("GET /konto/valkommen/MTIz:1tX:abc/") == "GET /konto/valkommen/[länk]"
    assert strike("GET /konto/losenord/nytt/1a-cx-b3/") == "GET /konto/losenord/nytt/[länk]"


def test_the_id_of_a_request_stays_also_when_it_looks_like_a_number():
    line = "eb852521-6494-4d92-a957-6488e59dff28 och 20090110-2392"
    assert strike(line) == "eb852521-6494-4d92-a957-6488e59dff28 och [nummer]"
