"""What the clock does in a demo: one more school day every night, before the scan."""

from celery import shared_task

from followup.accounts.models import Installation
from followup.demo import municipality


@shared_task(name="followup.demo.tasks.add_demo_day")
def add_demo_day() -> str:
    """Adds the school days that are missing; only in a database that was made as a demo."""
    if not Installation.objects.filter(is_demo=True).exists():
        return "not a demo"
    return str(municipality.add_day() or "nothing missing")
