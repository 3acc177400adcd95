"""No text of the pages is left without English unnoticed."""

import re

import pytest
from django.conf import settings

from followup import catalogue


@pytest.fixture
def project(settings, tmp_path, monkeypatch):
    """A small project of its own, with one template and one module."""
    (tmp_path / "templates").mkdir()
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "locale" / "django.po")
    (tmp_path / "templates" / "page.html").write_text(
        '{% load i18n %}\n{% translate "Väntelista" %} {% card title=_("Behöver dig") %}\n'
        "  {% blocktranslate count n=rows|length trimmed %}\n   {{ n }} elev\n  {% plural %}\n   {{ n }} elever\n"
        '  {% endblocktranslate %}\n{% translate "Mars" context "månad" %}\n'
    )
    (tmp_path / "templates" / "page.py").write_text(
        "from django.utils.translation import gettext_lazy as _, ngettext\n"
        'label = _(\n    "Två rader "\n    "blir en"\n)\nngettext("%(days)s dag", "%(days)s dagar", 2)\n'
    )
    return tmp_path


def test_texts_of_templates_and_python_are_found(project):
    found = catalogue.texts()
    assert set(found) == {
        (None, "Väntelista"),
        (None, "Behöver dig"),
        (None, "%(n)s elev"),
        ("månad", "Mars"),
        (None, "Två rader blir en"),
        (None, "%(days)s dag"),
    }
    assert found[None, "%(n)s elev"].plural == "%(n)s elever"
    assert found[None, "Behöver dig"].places == [("templates/page.html", 3)]


def test_a_missing_and_a_broken_translation_are_named(project):
    assert catalogue.write() == 6
    assert len(catalogue.problems()) == 6
    written = catalogue.CATALOGUE.read_text()
    written = written.replace('msgid "Väntelista"\nmsgstr ""', 'msgid "Väntelista"\nmsgstr "Waiting list"')
    written = written.replace(
        'msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "%(x)s day"\nmsgstr[1] "%(x)s days"', 1
    )
    catalogue.CATALOGUE.write_text(written)
    problems = catalogue.problems()
    assert not [line for line in problems if "Väntelista" in line]
    assert [line for line in problems if "%(x)s" in line]
    assert catalogue.write() == 4  # what has English keeps it
    (project / "templates" / "page.html").write_text("")
    assert "används inte längre: 'Väntelista'" in catalogue.problems()


def test_every_translate_tag_of_our_own_templates_is_found():
    """The counting is another one than the catalogue's own, so that a tag it cannot read is noticed."""
    found = {singular for _context, singular in catalogue.texts()}
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        for quote, text in re.findall(r"""\{% translate (["'])(.*?)\1""", path.read_text()):
            assert text in found, f"{path.name}: {quote}{text}{quote}"
