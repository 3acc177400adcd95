"""When somebody's role has ended at once, what she had taken and no longer sees waits for others at once."""

from followup.accounts.models import User
from followup.risk.actions.flags import give_back_of


def after_role_end(user: User) -> None:
    give_back_of(user)
