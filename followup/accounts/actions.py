"""What is done with users, roles and places; every act leaves its entry in the trace."""

from django.db import transaction

from followup.accounts.models import User
from followup.audit import actions as audit


@transaction.atomic
def set_keyboard_moves(user: User, *, on: bool, by: User) -> User:
    """Her own choice whether J, K and / move between rows (WCAG 2.1.4)."""
    user.keyboard_moves = on
    user.save(update_fields=["keyboard_moves"])
    audit.record("keyboard_moves_set", by=by, about=user, on=on)
    return user
