"""Forgetting the scope fails: a view, form or query that reads pupils starts from `visible_to`.

This reads our own syntax trees. Where a page rightly starts elsewhere (the machine's own work, one
organiser's log), the line says so: `# scope: why`. The access matrix walks the pages as well.
"""

import ast
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parents[1]
LOOKED_AT = {"views", "forms", "queries"}
SCOPED = {"visible_to", "at_units"}  # `at_units` is for figures of the scope's own units


def scoped_models() -> set[str]:
    """The models about pupils whose rows know `visible_to`."""
    return {
        model.__name__
        for model in apps.get_models()
        if hasattr(model._default_manager, "visible_to")
        and (model.__name__ == "Student" or any(field.name == "student" for field in model._meta.fields))
    }


def looked_at():
    for folder in ("followup", "students"):
        for path in (ROOT / folder).rglob("*.py"):
            if LOOKED_AT & {path.stem, *path.relative_to(ROOT).parts}:
                yield path


def unscoped(source: str, models: set[str]):
    """Lines with `Model.objects` whose chain of calls never says `visible_to`, and that give no reason."""
    tree, lines = ast.parse(source), source.splitlines()
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr == "objects"):
            continue
        if not (isinstance(node.value, ast.Name) and node.value.id in models):
            continue
        said, link = set(), node
        while (
            isinstance(above.get(link), ast.Attribute | ast.Call)
            and getattr(above[link], "func", link) is link
        ):
            link = above[link]
            said.add(getattr(link, "attr", ""))
        reason = "# scope:" in " ".join(lines[node.lineno - 1 : link.end_lineno])
        if not (SCOPED & said or reason):
            yield f"{node.lineno}: {lines[node.lineno - 1].strip()}"


def test_no_page_reads_pupils_without_their_scope():
    models = scoped_models()
    assert {"Student", "Flag", "CheckIn", "Decision"} <= models
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in looked_at()
        for line in unscoped(path.read_text(encoding="utf-8"), models)
    ]
    assert not found, "Start from .visible_to(scope), or say why not with `# scope: why`:\n" + "\n".join(
        found
    )


def test_the_guard_sees_the_forgotten_and_lets_the_scoped_through():
    forgotten = "def page(request):\n    return Student.objects.filter(pk=1).first()\n"
    scoped = "def page(request):\n    return Student.objects.visible_to(request.scope).filter(pk=1)\n"
    bare = "found = get_object_or_404(Student.objects, pk=1)\n"
    named = "found = Student.objects.filter(pk=1)  # scope: the night reads everybody\n"
    assert [len(list(unscoped(text, {"Student"}))) for text in (forgotten, scoped, bare, named)] == [
        1,
        0,
        1,
        0,
    ]
