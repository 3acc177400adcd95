"""Who may read in files; `check_` raises with the reason, `can_` asks."""

from followup.accounts.permissions import Permission
from followup.scoping import Scope, asking


def check_import(scope: Scope) -> None:
    """Registrars, for their own units; the system administrator, to get an installation going."""
    scope.check(Permission.IMPORT_FILES)


can_import = asking(check_import)
