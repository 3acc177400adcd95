"""Nobody adds a field without thinking: each is sorted, each row has its time, and the page says so."""

from django.core.management import call_command

from followup.privacy import fields_of, our_models, sorted_fields


def test_every_field_is_sorted():
    unsorted = [f"{each.model.__name__}.{each.name}" for each in sorted_fields() if each.sort == "unsorted"]
    assert not unsorted, f"Sort these in the model's inner class Privacy: {unsorted}"


def test_no_field_is_sorted_twice_or_does_not_exist():
    for model in our_models():
        lists = [getattr(model.Privacy, sort, []) for sort in ("neither", "personal", "sensitive")]
        named = [name for names in lists for name in names]
        assert len(named) == len(set(named)), model
        assert set(named) == set(fields_of(model)), model


def test_every_model_with_somebody_in_it_says_how_long_it_is_kept():
    silent = [
        model.__name__
        for model in our_models()
        if (getattr(model.Privacy, "personal", []) or getattr(model.Privacy, "sensitive", []))
        and not getattr(model.Privacy, "kept", "")
    ]
    assert not silent


def test_free_text_about_a_pupil_counts_as_sensitive():
    from followup.coaching.models import CheckIn
    from followup.risk.models import Decision

    assert {"note", "rating"} <= set(CheckIn.Privacy.sensitive)
    assert {"reason", "outcome"} <= set(Decision.Privacy.sensitive)


def test_docs_privacy_md_is_up_to_date():
    call_command("privacy", check=True)
