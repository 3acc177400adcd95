"""What no page may hold, whoever it is drawn for: read in the templates themselves."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
STEPS = re.compile(r"<(/?)form\b|{% (crispy) |{% include \"([^\"]+)\"")


def forms_within(name: str, depth: int = 0, inside: tuple[str, ...] = ()) -> list[str]:
    """Where a form begins inside another, also through what is included."""
    found = []
    for end, crispy, included in STEPS.findall((TEMPLATES / name).read_text()):
        if included:
            if included not in inside and (TEMPLATES / included).exists():
                found += forms_within(included, depth, (*inside, name))
        elif crispy:
            found += [name] * (depth > 0)
        else:
            found += [name] * (not end and depth > 0)
            depth += -1 if end else 1
    return found


@pytest.mark.parametrize("name", [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")])
def test_no_form_stands_inside_another(name):
    """A browser drops the inner form, and its button then sends the outer one."""
    assert forms_within(name) == []
