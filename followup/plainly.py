"""Failures that a person must understand before Django is up: one sentence, exit code 1.

The texts are Swedish without gettext, because no language is chosen yet when they are needed.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager


class CannotStart(Exception):
    """Why Koll cannot start, as one sentence that says what to do."""


@contextmanager
def said_plainly(what: str) -> Iterator[None]:
    """Turn the operating system's refusals into sentences; `what` is the folder or file concerned."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise CannotStart(disk_full(what)) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise CannotStart(
                f"Koll får inte skriva i {what}. Ge den som kör rätt till mappen, "
                "eller välj en annan med KOLL_DATA=/en/mapp."
            ) from error
        raise CannotStart(f"Koll kan inte använda {what}: {os.strerror(error.errno or 0)}.") from error


def disk_full(what: str | os.PathLike) -> str:
    return f"Disken är full: det finns inte plats i {what}. Gör plats, eller välj en annan mapp med KOLL_DATA=/en/mapp."
