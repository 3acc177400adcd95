"""`python -m tests.look.pictures`: the small pictures of the README, out of the contact sheet's large ones."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
SHEET = PROJECT / "look" / "usual"
PICTURES = PROJECT / "docs" / "pictures"
WANTED = {  # name in the README -> file on the sheet, its width, and the height that is kept, in CSS pixels
    "idag": ("mentor-today-1440", 720, 320),
    "vantelista": ("school-leader-risk-waiting-list-1440", 720, 460),
    "elev": ("mentor-students-detail-1440", 720, 460),
    "avstamning": ("mentor-coaching-check-in-390", 260, 560),
}


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for name, (file, width, height) in WANTED.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            source = (SHEET / f"{file}.png").as_uri()
            blank = PICTURES / "blank.html"
            blank.write_text(f'<body style="margin:0"><img src="{source}" style="width:{width}px">')
            page.goto(blank.as_uri())
            page.locator("img").evaluate("image => image.decode()")
            page.screenshot(path=PICTURES / f"{name}.png")
            blank.unlink()
        browser.close()


if __name__ == "__main__":
    main()
