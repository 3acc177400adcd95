"""Swedish order and forgiving search, the same on any PostgreSQL without ICU or extensions.

å ä ö stay letters of their own after z; other accents are folded (é as e, ø as ö, ü as y); hyphens and
apostrophes part words. The same expression makes the stored keys and reads what is searched for.
"""

import re
import unicodedata

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import CharField, Func

_FOLD = str.maketrans("åäæöøü", "{||}}y")
_PARTS = str.maketrans({"\\": " ", "-": " ", "'": " ", "\u2019": " ", "\u2010": " ", "\u2011": " "})


def sort_key(text: str) -> str:
    """The key in Python; PostgreSQL's generated column gives the same for the same text."""
    text = unicodedata.normalize("NFC", text).lower().translate(_FOLD)
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFKD", text))


def words(text: str) -> list[str]:
    """The words of a search, folded like the stored ones."""
    return sort_key(text).translate(_PARTS).replace(",", " ").split()


class WordBeginnings(SearchQuery):
    """Every word searched for begins some stored word; compared as they are, without a parser."""

    def __init__(self, wanted: list[str]):
        quoted = ["'" + word.replace("\\", "").replace("'", "") + "':*" for word in wanted]
        self.text = " & ".join(quoted)
        super().__init__(self.text, search_type="raw")

    def as_sql(self, compiler, connection, **extra):
        return "%s::tsquery", [self.text]


_KEY = (
    'regexp_replace(normalize(translate(lower(normalize({text}, NFC) COLLATE "pg_c_utf8"),'
    "'åäæöøü','{{||}}}}y'),NFKD),'[\u0300-\u036f]','','g')"
)
_NAME = '("{first}" || \' \' || "{second}")'


class NameKey(Func):
    """family name, given name -> the key they sort by."""

    def __init__(self, first, second):
        super().__init__(output_field=CharField(db_collation="C"))
        self.first, self.second = first, second

    def as_sql(self, compiler, connection, **extra):
        text = _NAME.format(first=self.first, second=self.second)
        return f'({_KEY.format(text=text)} COLLATE "C")', []

    def deconstruct(self):
        return "students.ordering.NameKey", (self.first, self.second), {}


class NameWords(Func):
    """given name, family name -> their folded words, for search by the beginning of any word.

    A word with å ä ö is there twice: as itself and as a a o, so that "oberg" finds Öberg on a keyboard
    without ö, while "öberg" finds no Oberg.
    """

    def __init__(self, first, second):
        super().__init__(output_field=SearchVectorField())
        self.first, self.second = first, second

    def as_sql(self, compiler, connection, **extra):
        text = _KEY.format(text=_NAME.format(first=self.first, second=self.second))
        parted = f"translate({text}, '-''\u2019\u2010\u2011', '     ')"
        plain = f"translate({parted}, '{{|}}', 'aao')"
        return f"array_to_tsvector(array_remove(string_to_array({parted} || ' ' || {plain}, ' '), ''))", []

    def deconstruct(self):
        return "students.ordering.NameWords", (self.first, self.second), {}
