"""Questions that every page asks: put into SQL once per process, and asked with new values each time.

To put a question together takes Django many times as long as the database takes to answer it. A
question of this kind is written with the words of the querysets and with blanks where a page fills something in:

    @Question
    def _classes():
        return Enrolment.objects.covering(Blank("day")).filter(student__in=Blank("ids")).values_list("school_class")

    _classes.ask(day=clock.today(), ids=ids)

Only the question is kept, never an answer.
"""

from collections.abc import Callable
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
    """A function that puts together a `values_list` with blanks."""

    def __init__(self, put_together: Callable[[], QuerySet]):
        self.put_together = put_together

    def ask(self, **values: Any) -> list[tuple]:
        sql, parameters = self._ready
        fillings = {name: _filling(value) for name, value in values.items()}
        for name, (text, _values) in fillings.items():
            sql = sql.replace(f"{{{name}}}", text)
        filled = []
        for each in parameters:
            filled += fillings[each.value][1] if isinstance(each, Blank) else [each]
        with connection.cursor() as cursor:
            cursor.execute(sql, filled)
            rows = cursor.fetchall()
        return list(self._compiler.apply_converters(rows, self._converters)) if self._converters else rows

    @cached_property
    def _compiler(self) -> SQLCompiler:
        return self.put_together().query.get_compiler(connection=connection)

    @cached_property
    def _converters(self) -> dict:
        """For what the database gives in another form than Python's, such as JSON."""
        return self._compiler.get_converters([column for column, _sql, _alias in self._compiler.select])

    @cached_property
    def _ready(self) -> tuple[str, tuple]:
        sql, parameters = self._compiler.as_sql()
        if any(isinstance(each, date) for each in parameters):
            raise ValueError(f"{self.put_together.__qualname__} would ask about the same day for ever")
        return sql, parameters


def _filling(value) -> tuple[str, list]:
    """What stands in a blank, and its parameters."""
    if isinstance(value, RawSQL):
        return value.sql, list(value.params)
    if isinstance(value, list | tuple | set | dict):
        return ", ".join(["%s"] * len(value)) or "NULL", list(value)
    return "%s", [value]
