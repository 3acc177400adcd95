"""The typeface Inter, cut down to what Swedish needs, made from the wheel when static files are collected.

The whole family weighs 850 kB; its Latin part, in all weights, 42 kB. Nothing is fetched from another
host, so that no reader's address reaches one (GDPR art. 5.1 c).
"""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

NAME = "typeface/inter-latin.woff2"
CHARACTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    *range(0x2190, 0x2194),  # arrows
    0x2212,  # minus
]
FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "case"]


def make(path: Path) -> None:
    """Writes the Latin subset as woff2. Takes a few seconds, once for each data folder."""
    from fontpkg_inter import ROOT  # heavy, and needed only here
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(ROOT / "files" / "Inter[opsz,wght].ttf")
    subsetter = Subsetter(Options(layout_features=FEATURES))
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"opsz": 14})
    font.flavor = "woff2"
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as part:
        font.save(part)
    Path(part.name).chmod(0o644)
    os.replace(part.name, path)  # two processes at once: the last one wins, with the same bytes


class TypefaceFinder(BaseFinder):
    """A finder of static files that makes its only file when it is first asked for."""

    @property
    def folder(self) -> Path:
        return Path(settings.KOLL_DATA) / "made"

    def _made(self) -> Path:
        path = self.folder / NAME
        if not path.exists():
            make(path)
        return path

    def check(self, **kwargs):
        return []

    def find(self, path, find_all=False, **kwargs):
        if path != NAME:
            return []
        found = str(self._made())
        return [found] if find_all else found

    def list(self, ignore_patterns):
        self._made()
        yield NAME, FileSystemStorage(location=self.folder)
