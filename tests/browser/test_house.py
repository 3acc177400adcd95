"""The house in a real browser."""

from tests.browser.conftest import PHONE


def test_the_sign_in_page_stands_in_a_real_browser(open_page, accessible):
    page = open_page(viewport=PHONE)
    page.goto("/")
    assert page.locator("h1").is_visible()
    accessible(page)
