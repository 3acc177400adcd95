"""page.<name>: the 95th percentile of 200 requests, one and eight at once, against the empty page.

Signed in with one school's scope among all the pupils. The server is the one of `make run`: gunicorn
with three workers.
"""

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from followup import clock
from followup.accounts.models import Grant, User
from followup.risk.actions import scan_now
from followup.risk.models import Flag
from students.models import Enrolment
from tests.bench.lines import say

REQUESTS = 200
MOST = 4.0  # times the empty signed-in page
MOST_EMPTY = 3.0  # times a bare view behind the same middleware and session
MOST_QUERIES = 20
MOST_DURING_A_SCAN = 2.0  # times the same page when nothing else goes on


def measure(rows: int = 0) -> None:
    leader, mentor, team = (_somebody(role) for role in ("school_leader", "mentor", "student_health"))
    pages = _pages(leader, mentor, team)
    with _server() as port:
        floor = {}
        for at_once in (1, 8):
            bare = _p95(port, reverse("bench_bare"), leader, at_once)
            floor[at_once] = _p95(port, reverse("bench_empty"), leader, at_once)
            say(f"page.empty x{at_once}", floor[at_once] * 1000, "ms", floor=bare * 1000, most=MOST_EMPTY)
        for name, (url, user, body) in pages.items():
            queries = _queries(url, user, body)
            for at_once in (1, 8):
                value = _p95(port, url, user, at_once, body)
                say(
                    f"page.{name} x{at_once}",
                    value * 1000,
                    "ms",
                    floor=floor[at_once] * 1000,
                    most=MOST,
                    queries=queries,
                    queries_hold=queries <= MOST_QUERIES,
                )
        url, user, _body = pages["today"]
        idle = _p95(port, url, user, 1)
        with _scanning():
            busy = _p95(port, url, user, 1)
        say("page.today during a scan", busy * 1000, "ms", floor=idle * 1000, most=MOST_DURING_A_SCAN)


def _somebody(role: str) -> User:
    """One who works at the unit with most flags, so that her pages are full."""
    units = Flag.objects.open().values_list("unit", flat=True).order_by("unit").distinct()
    unit = next(iter(units), None) or Enrolment.objects.values_list("unit", flat=True).first()
    return User.objects.filter(pk__in=Grant.objects.filter(role=role, unit=unit).values("user")).order_by(
        "pk"
    )[0]


def _pages(leader: User, mentor: User, team: User) -> dict:
    unit = Grant.objects.filter(user=leader).values_list("unit", flat=True)[0]
    flag = Flag.objects.open().filter(unit=unit).order_by("pk").first()
    student = (
        flag.student_id if flag else Enrolment.objects.filter(unit=unit).values_list("student", flat=True)[0]
    )
    school_class = Enrolment.objects.filter(unit=unit, student=student).values_list(
        "school_class", flat=True
    )[0]
    wanted = {
        "today": ("today", [], mentor, None),
        "today.team": ("today", [], team, None),
        "students": ("students:list", [], leader, None),
        "student": ("students:detail", [student], leader, None),
        "class": ("students:class", [unit, school_class], leader, None),
        "search": ("student_search", [], leader, {"q": "ander"}),
        "search.number": ("student_search", [], leader, {"q": "200901"}),
        "waiting_list": ("risk:waiting_list", [], team, None),
        "check_in": ("coaching:check_in", [student], team, None),
        "school": ("boards:school", [], leader, None),
    }
    if flag:
        wanted["flag"] = ("risk:flag", [flag.pk], team, None)
    found = {}
    for name, (url_name, arguments, user, body) in wanted.items():
        try:
            found[name] = (reverse(url_name, args=arguments), user, body)
        except NoReverseMatch:
            print(f"# no page {url_name}", file=sys.stderr)
    return found


def _session(user: User) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return store.session_key


def _queries(url: str, user: User, body: dict | None) -> int:
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = _session(user)
    with CaptureQueriesContext(connection) as caught:
        answer = client.post(url, body, follow=False) if body else client.get(url)
    if answer.status_code >= 300:
        print(f"# {url} answered {answer.status_code}", file=sys.stderr)
    return len(caught)


def _p95(port: int, url: str, user: User, at_once: int, body: dict | None = None) -> float:
    """Seconds, over 200 requests after ten that warm up, on kept connections."""
    session = _session(user)

    def some(number: int) -> list[float]:
        link = http.client.HTTPConnection("127.0.0.1", port)
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}", "Host": f"127.0.0.1:{port}"}
        payload = None
        if body is not None:
            link.request("GET", reverse("bench_empty"), headers=headers)
            answer = link.getresponse()
            cookie = re.search(r"csrftoken=([^;]+)", answer.headers.get("Set-Cookie", ""))
            answer.read()
            token = cookie[1] if cookie else "x" * 32
            headers["Cookie"] += f"; csrftoken={token}"
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            payload = urlencode(body | {"csrfmiddlewaretoken": token})
        times = []
        for _ in range(number + 10 // at_once):
            start = time.perf_counter()
            link.request("POST" if payload else "GET", url, payload, headers)
            answer = link.getresponse()
            answer.read()
            times.append(time.perf_counter() - start)
            if answer.status >= 400:
                raise SystemExit(f"{url} answered {answer.status}")
        return times[10 // at_once :]

    with ThreadPoolExecutor(at_once) as pool:
        times = [one for many in pool.map(some, [REQUESTS // at_once] * at_once) for one in many]
    return statistics.quantiles(times, n=20)[-1]


@contextmanager
def _scanning():
    """One worker goes through the whole country again and again, as at night."""
    done = Event()

    def scan() -> None:
        try:
            while not done.is_set():
                scan_now(day=clock.today() - timedelta(days=1), hands=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        scans = pool.submit(scan)
        try:
            yield
        finally:
            done.set()
            scans.result()


@contextmanager
def _server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--workers=3",
            "--log-level=error",
            f"--bind=127.0.0.1:{port}",
            "followup.wsgi:application",
        ],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.bench.settings"},
        start_new_session=True,
    )
    try:
        for _ in range(100):
            time.sleep(0.1)
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    break
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(10)
