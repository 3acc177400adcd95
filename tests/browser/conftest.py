"""A real Chromium for the journeys: one browser for each worker, one fresh context for each test."""

import re
import shutil
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from playwright.sync_api import expect, sync_playwright

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
PATIENCE = 30_000  # ms; a slow machine is no fault
expect.set_options(timeout=PATIENCE)
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,
}  # axe would read our style sheets again, inline


def pytest_collection_modifyitems(items):
    """Every journey talks to a server in another thread, so what it writes must be committed."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if not path:
        pytest.fail("Här finns ingen Chromium. Installera chromium, eller kör SKIP_BROWSER=1.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, live_server):
    """`open_page(viewport=PHONE, signed_in=user)`: a new browser window, closed after the test.

    A page that complains in its console (a script, a blocked style) fails the test.
    """
    contexts, complaints = [], []

    def open_(viewport=DESK, signed_in=None, **options):
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,
            locale="sv-SE",
            timezone_id="Europe/Stockholm",
            has_touch=viewport["width"] < 600,
            **options,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if signed_in:
            context.add_cookies([_session(signed_in, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if _is_ours(message) else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    _wait_for_the_last_answer()
    assert not complaints


@pytest.fixture
def accessible():
    """`accessible(page)` fails with what axe finds wrong on the page as it stands."""

    def check(page):
        found = Axe().run(page, options=AXE)
        assert found.violations_count == 0, found.generate_report()

    return check


def _wait_for_the_last_answer() -> None:
    """A draft that the page sends as it closes would meet the emptying of the tables, and both would stop."""
    quiet, until = 0, time.monotonic() + 10
    while quiet < 3 and time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
            )
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        time.sleep(0.05)


def _session(user, url) -> dict:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


def _is_ours(message) -> bool:
    """Errors count; an answer of 4xx or 5xx is the test's own business."""
    return message.type == "error" and not re.match(
        r"Failed to load resource|Response Status Error Code [45]", message.text
    )
