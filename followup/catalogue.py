"""The English catalogue: which Swedish texts the code holds, and which of them have no English yet.

GNU gettext need not be installed: Babel finds the strings, polib reads and writes the catalogue.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import polib
from django.conf import settings
from django.utils.translation.template import templatize

CATALOGUE = settings.BASE_DIR / "locale" / "en" / "LC_MESSAGES" / "django.po"
FOLDERS = ["followup", "students", "handover", "kaa", "templates"]
CALLS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SLOT = re.compile(r"%\(\w+\)[sd]|\{\w*\}|%[sd]")


@dataclass
class Text:
    """One text of the code, and the places where it stands."""

    context: str | None
    singular: str
    plural: str | None = None
    places: list[tuple[str, int]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.singular


def texts() -> dict[tuple[str | None, str], Text]:
    """Every marked text in Python files and templates."""
    from babel.messages.extract import extract  # only where code is written, not where it runs

    found: dict[tuple[str | None, str], Text] = {}
    for path in _files():
        name = str(path.relative_to(settings.BASE_DIR))
        for line, message, _comments, context in extract("python", BytesIO(_source(path)), CALLS):
            singular, plural = message[:2] if isinstance(message, tuple) else (message, None)
            if singular:
                text = found.setdefault((context, singular), Text(context, singular))
                text.plural = text.plural or plural
                text.places.append((name, line))
    return found


def _files() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
                yield path


def _source(path: Path) -> bytes:
    """Python as it stands; of a template only the calls, one line of Python for each of its lines."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = templatize(text, origin=str(path))
        text = "\n".join(_only_calls(line) for line in text.split("\n"))
    return b"# coding: utf-8\n" + text.encode() if path.suffix != ".py" else text.encode()


CALL = re.compile(
    r"""\b(?:n?p?gettext|_)\((?:\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?|\s*\w+\s*,?)*\)"""
)


def _only_calls(line: str) -> str:
    return ";".join(CALL.findall(line))


def read() -> polib.POFile:
    if CATALOGUE.exists():
        return polib.pofile(str(CATALOGUE), wrapwidth=110)
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": "en",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    return catalogue


def problems() -> list[str]:
    """What is missing, left over or wrong in the catalogue, a line each."""
    lines = []
    entries = {(entry.msgctxt, entry.msgid): entry for entry in read() if not entry.obsolete}
    wanted = texts()
    for key, text in wanted.items():
        entry = entries.get(key)
        where = "{}:{}".format(*text.places[0])
        if entry is None or not entry.translated() or (text.plural and not all(entry.msgstr_plural.values())):
            lines.append(f"{where}: saknar engelska: {text.singular!r}")
        elif wrong := _wrong_slots(text, entry):
            lines.append(f"{where}: {wrong} finns inte i båda språken: {text.singular!r}")
    lines += [f"används inte längre: {key[1]!r}" for key in entries if key not in wanted]
    return lines


def _wrong_slots(text: Text, entry: polib.POEntry) -> str:
    """A slot such as %(name)s that only one of the languages has would break the page."""
    swedish = set(SLOT.findall(text.singular)) | set(SLOT.findall(text.plural or ""))
    english = set()
    for translation in [entry.msgstr, *entry.msgstr_plural.values()]:
        english |= set(SLOT.findall(translation))
    return ", ".join(sorted(swedish ^ english))


def write() -> int:
    """Bring the catalogue in line with the code; what is new stands there without English. Returns how many."""
    old = {(entry.msgctxt, entry.msgid): entry for entry in read()}
    catalogue = read()
    catalogue.clear()
    new = 0
    for key, text in sorted(texts().items(), key=lambda item: (item[1].places[0][0], item[1].places[0][1])):
        known = old.get(key)
        entry = polib.POEntry(
            msgctxt=text.context,
            msgid=text.singular,
            occurrences=[(place, "") for place in dict.fromkeys(place for place, _line in text.places)],
        )
        if text.plural:
            entry.msgid_plural = text.plural
            entry.msgstr_plural = known.msgstr_plural if known and known.msgstr_plural else {0: "", 1: ""}
        else:
            entry.msgstr = known.msgstr if known else ""
        new += not entry.translated()
        catalogue.append(entry)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))
    return new


def compile_() -> bool:
    """Make django.mo where it is older than its source; True if it was made."""
    compiled = CATALOGUE.with_suffix(".mo")
    if not CATALOGUE.exists():
        return False
    if compiled.exists() and compiled.stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return False
    read().save_as_mofile(str(compiled))
    return True
