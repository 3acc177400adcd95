"""Every field sorted: neither, personal or sensitive; and how long a row is kept.

Each model of ours has an inner class `Privacy` with the lists `neither`, `personal`, `sensitive` and
a sentence `kept`. A field that is in none of them fails a test: nobody adds a field without thinking.
"""

from dataclasses import dataclass

from django.apps import apps

OUR_APPS = ("accounts", "audit", "students", "risk", "coaching")
SORTS = ("neither", "personal", "sensitive")


@dataclass(frozen=True)
class SortedField:
    model: type
    name: str
    sort: str


def our_models():
    """Our models, without the history tables that triggers fill (they follow their model)."""
    for label in OUR_APPS:
        for model in apps.get_app_config(label).get_models():
            if not hasattr(model, "pgh_tracked_model"):
                yield model


def fields_of(model) -> list[str]:
    return [
        field.name
        for field in model._meta.get_fields()
        if field.name != "pk"  # a composite key is made of fields that stand by themselves
        and ((field.concrete and not field.auto_created) or getattr(field, "primary_key", False))
    ]


def sorted_fields() -> list[SortedField]:
    """Every field of every model with its sort; `unsorted` where nobody has thought."""
    found = []
    for model in our_models():
        privacy = getattr(model, "Privacy", None)
        for name in fields_of(model):
            sort = next((sort for sort in SORTS if name in getattr(privacy, sort, ())), "unsorted")
            found.append(SortedField(model, name, sort))
    return found
