"""The trace is a closed list: what the code writes has a sentence, else the privacy officer reads a code."""

import ast
from pathlib import Path

from followup.audit.sentences import DONE, READ

ROOT = Path(__file__).parents[2]
WRITERS = {"record", "_record", "record_many", "record_rows"}


def calls():
    for folder in ("followup", "students"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, node


def name_of(call):
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def test_every_act_has_its_sentence():
    verbs = {
        call.args[0].value: path.name
        for path, call in calls()
        if name_of(call) in WRITERS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }
    missing = {verb: where for verb, where in verbs.items() if verb not in DONE}
    assert not missing, f"Add a sentence to DONE in followup/audit/sentences.py for {missing}"
    assert len(verbs) > 20


def test_every_page_that_shows_pupils_has_its_words():
    pages = {
        keyword.value.value: path.name
        for path, call in calls()
        if name_of(call) == "add"
        for keyword in call.keywords
        if keyword.arg == "page" and isinstance(keyword.value, ast.Constant)
    }
    missing = {page: where for page, where in pages.items() if page not in READ}
    assert not missing, f"Add words to READ in followup/audit/sentences.py for {missing}"
    assert len(pages) > 8
