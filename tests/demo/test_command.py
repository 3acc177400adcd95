"""A demo is never made where somebody real may be."""

import pytest
from django.core.management import CommandError, call_command

from followup.accounts.models import Installation, Organiser


def test_a_demo_is_never_made_in_a_database_with_somebody_in_it(db):
    """Invented pupils among real ones could not be told apart again."""
    Organiser.objects.create(name="Riktiga kommunen", organisation_number="2120000001")
    with pytest.raises(CommandError, match="inte tom"):
        call_command("demo", students=60)
    assert not Installation.objects.filter(is_demo=True).exists()
