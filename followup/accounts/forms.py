"""Forms about users, roles and places."""

from django.http import Http404


def id_from(data, name: str) -> int:
    """A number in a form; nonsense is not found."""
    value = data.get(name, "")
    if not value.isdecimal():
        raise Http404
    return int(value)
