"""Follows the links of each role's pages, photographs each kind of page once, and measures it."""

import json
import re
import shutil
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from django.urls import Resolver404, resolve
from playwright.sync_api import sync_playwright

MEASURES = (Path(__file__).parent / "measures.js").read_text()
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,
}  # axe would read our style sheets again, inline
SIZES = {  # name: width, height, colours
    "390": (390, 844, "light"),
    "1440": (1440, 900, "light"),
    "mörk": (1440, 900, "dark"),
    "320": (320, 640, "dark"),
}
EVERY = ["390", "1440"]
LONGEST = 3000  # px of a page on a picture
MAIN = re.compile(
    r"^(today|accounts:(demo|users)|account_login|students:(list|student|detail|pupil)|risk:(waiting_list|decide|flag|projector)|coaching:check_in|imports:(list|preview|upload)|boards:school|components)$"
)
SKIPPED = re.compile(r"logout|/static/|/angra/|\.csv$|\.xlsx$|\.pdf$")
OPEN_PAGES = [
    "/konto/logga-in/",
    "/konto/losenord/glomt/",
    "/demo/",
    "/tillganglighet/",
    "/kakor/",
    "/finns-inte/",
]


@dataclass
class Shot:
    world: str
    role: str
    view: str
    path: str
    pictures: dict[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)


class Server(LiveServerThread):
    """The application as the web server would run it, in a thread of this process."""


def walk(world: str, people: dict, out: Path) -> int:
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    server = Server("127.0.0.1", StaticFilesHandler, connections_override={})
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    url = f"http://127.0.0.1:{server.port}"
    (out / world).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])))
        browser = playwright.chromium.launch(executable_path=path)
        seen: set[str] = set()
        shots = _as(browser, url, world, "utan inloggning", None, OPEN_PAGES, seen, out)
        for role, user in people.items():
            shots += _as(browser, url, world, role, user, ["/"], seen, out)
        browser.close()
    server.terminate()
    connections.close_all()
    (out / f"{world}.json").write_text(
        json.dumps([asdict(shot) for shot in shots], ensure_ascii=False, indent=1)
    )
    faults = [(shot, finding) for shot in shots for finding in shot.findings]
    for shot, finding in faults:
        print(f"{world} · {shot.role} · {shot.view} {shot.path}: {finding}")
    print(f"{world}: {len(shots)} sidor, {len(faults)} anmärkningar")
    return 1 if faults else 0


def _as(browser, url, world, role, user, starts, seen, out) -> list[Shot]:
    """All kinds of pages that one person can reach by links; those of her own role photographed once."""
    shots, queue, met = [], deque(starts), set()
    pages = {size: _window(browser, url, user, size) for size in SIZES}
    while queue:
        path = queue.popleft()
        view = _view(path)
        if view in met:
            continue
        met.add(view)
        first = view not in seen or view == "today"
        seen.add(view)
        shot = Shot(world, role, view, path)
        links = _look(pages, shot, out, main=bool(MAIN.match(view)), quick=not first)
        if first or shot.findings:
            shots.append(shot)
        if user:
            queue.extend(link for link in links if _view(link) not in met and not SKIPPED.search(link))
    for page, _told in pages.values():
        page.context.close()
    return shots


def _window(browser, url, user, size):
    width, height, colours = SIZES[size]
    context = browser.new_context(
        base_url=url,
        viewport={"width": width, "height": height},
        color_scheme=colours,
        locale="sv-SE",
        timezone_id="Europe/Stockholm",
        has_touch=width < 600,
        reduced_motion="reduce",
    )
    if user:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    page, told = context.new_page(), []
    page.on("pageerror", lambda error: told.append(f"script: {error}"))
    page.on("console", lambda message: told.append(f"konsol: {message.text}") if _counts(message) else None)
    return page, told


def _counts(message) -> bool:
    return message.type == "error" and not message.text.startswith("Failed to load resource")


def _look(pages, shot, out, *, main, quick) -> list[str]:
    sizes = ["1440"] if quick else (list(SIZES) if main else EVERY)
    links: list[str] = []
    for size in sizes:
        page, told = pages[size]
        told.clear()
        answer = page.goto(shot.path, wait_until="load")
        if answer and answer.status >= 500:
            shot.findings.append(f"svarar {answer.status}")
            break
        if answer and answer.status >= 400 and shot.path not in OPEN_PAGES:
            shot.findings.append(f"en länk leder till {answer.status}")
        if size == "1440":
            found = page.eval_on_selector_all(
                "a[href]:not([download])", "all => all.map(a => [a.href, a.innerText.length])"
            )
            links = [
                link for link, _letters in sorted(found, key=lambda each: -each[1])
            ]  # the longest name first
            links = [
                urlsplit(link).path
                for link in links
                if link.startswith(page.url.split("/", 3)[0] + "//127.0.0.1")
            ]
        if quick:
            break
        page.evaluate("document.fonts.ready")
        shot.findings += [
            f"{size}: {finding}"
            for finding in page.evaluate(f"({MEASURES.split('*/', 1)[1].strip().rstrip(';')})()")
        ]
        if size != "390":
            axe = Axe().run(page, options=AXE)
            shot.findings += [f"{size}: axe {_in_short(fault)}" for fault in axe.response["violations"]]
        shot.findings += [f"{size}: {line}" for line in told]
        name = re.sub(r"[^a-zåäö0-9]+", "-", f"{shot.role}-{shot.view}-{size}".lower())
        picture = out / shot.world / f"{name}.png"
        height = min(LONGEST, page.evaluate("document.documentElement.scrollHeight"))
        clip = {"x": 0, "y": 0, "width": SIZES[size][0], "height": max(height, SIZES[size][1])}
        page.screenshot(path=picture, full_page=True, clip=clip)
        shot.pictures[size] = f"{shot.world}/{picture.name}"
    return links


def _in_short(fault) -> str:
    return f"{fault['id']}: {fault['nodes'][0]['html'][:120]}"


def _view(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).view_name or path
    except Resolver404:
        return path
