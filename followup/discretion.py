"""Logs that say nothing about a pupil: what must never leave in a log line is struck out.

The rule is that no name, number or note is logged at all; this filter is the net under it, for
messages of libraries and tracebacks that carry values.
"""

import logging
import re

ID = (
    r"(?P<id>\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b)"  # of a request or task: may look like a number
)
NUMBER = re.compile(ID + r"|(?<!\d)(?:19|20)?\d{6}[-+ ]?(?:\d{4}|TF\d{2})(?!\d)", re.IGNORECASE)
TOKEN = re.compile(r"(/konto/(?:valkommen|losenord/nytt)/)[^\s\"'?]+")  # a way in for whoever reads the log
DETAIL = re.compile(r"(DETAIL|CONTEXT):.*", re.DOTALL)  # PostgreSQL repeats the row's values there


def strike(text: str) -> str:
    text = TOKEN.sub(r"\1[länk]", DETAIL.sub(r"\1: [struket]", text))
    return NUMBER.sub(lambda found: found["id"] or "[nummer]", text)


class Discreet(logging.Filter):
    """Strikes personal numbers and the values that PostgreSQL repeats from a record."""

    def filter(self, record):
        if isinstance(record.msg, str):
            record.msg = strike(record.msg)
        elif isinstance(record.msg, dict):
            record.msg = {
                key: strike(value) if isinstance(value, str) else value for key, value in record.msg.items()
            }
        if isinstance(record.args, tuple):
            record.args = tuple(strike(value) if isinstance(value, str) else value for value in record.args)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = strike(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True
