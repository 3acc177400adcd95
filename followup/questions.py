"""Questions that every page asks: put into SQL once per process, and asked with new values each time.

To put a question together takes Django many times as long as the database takes to answer it. A
question of this kind is written with the words of the querysets and with blanks where a page fills something in:

    @Question
    def _classes():
        return Enrolment.objects.covering(Blank("day")).filter(student__in=Blank("ids"))

    _classes.ask(day=clock.today(), ids=ids)

Only the question is kept, never an answer.
"""

from collections.abc import Callable
from copy import copy
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler


class Blank(Value):
    """A place for a value, a list of them, or whom a scope sees (`student__in=Blank("visible")`)."""

    def as_sql(self, compiler, connection):
        return f"({{{self.value}}})", [self]


class Question:
    """A function that puts together a queryset with blanks."""

    def __init__(self, put_together: Callable[[], QuerySet]):
        self.put_together = put_together

    def ask(self, **values: Any) -> list:
        """What the queryset finds, be it rows or objects, with these values in its blanks."""
        queryset, compiler, sql, parameters = self._ready
        filled, asked = copy(compiler), queryset.all()
        filled.as_sql = lambda: _fill(sql, parameters, values)
        asked.query.get_compiler = lambda *_args, **_kwargs: filled  # all the rest a queryset does as ever
        return list(asked)

    def within(self, **values: Any) -> RawSQL:
        """The same, to stand in another question: `student__in=_led.within(day=today)`."""
        _queryset, _compiler, sql, parameters = self._ready
        return RawSQL(*_fill(sql, parameters, values))

    @cached_property
    def _ready(self) -> tuple[QuerySet, SQLCompiler, str, tuple]:
        queryset = self.put_together()
        compiler = queryset.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        if any(isinstance(each, date) for each in parameters):
            raise ValueError(f"{self.put_together.__qualname__} would ask about the same day for ever")
        return queryset, compiler, sql, parameters


def _fill(sql: str, parameters: tuple, values: dict) -> tuple[str, list]:
    fillings = {name: _filling(value) for name, value in values.items()}
    for name, (text, _parameters) in fillings.items():
        sql = sql.replace(f"{{{name}}}", text)
    filled = []
    for each in parameters:
        filled += fillings[each.value][1] if isinstance(each, Blank) else [each]
    return sql, filled


def _filling(value) -> tuple[str, list]:
    """What stands in a blank, and its parameters; an empty list matches nothing (and must not be excluded)."""
    if isinstance(value, RawSQL):
        return value.sql, list(value.params)
    if isinstance(value, list | tuple | set | dict):
        return ", ".join(["%s"] * len(value)) or "NULL", list(value)
    return "%s", [value]
