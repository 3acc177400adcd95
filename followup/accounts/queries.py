"""What the pages about users and places show."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch

from followup.accounts.models import Grant, Installation, User
from followup.accounts.permissions import ROLES


def is_demo() -> bool:
    """Both asked for and made as one: a real database never becomes a demo."""
    return settings.DEMO and Installation.objects.filter(is_demo=True).exists()


ICONS = {
    "mentor": "chat-left-text",
    "coach": "person-hearts",
    "teacher": "book",
    "support_staff": "compass",
    "student_health": "people",
    "school_leader": "bar-chart",
    "registrar": "upload",
    "organiser_leader": "building",
    "privacy_officer": "shield-check",
    "system_admin": "hdd-stack",
}


@dataclass(frozen=True)
class DemoCard:
    pk: int
    name: str
    role: str
    does: str
    icon: str


def demo_people():
    return User.objects.filter(is_invented=True, is_active=True).exclude(demo_card="")


def demo_cards() -> list[DemoCard]:
    """One card per invented person, in the order of the roles."""
    current = Grant.objects.current().select_related("unit", "organiser", "municipality").order_by("pk")
    people = demo_people().prefetch_related(Prefetch("grants", current, to_attr="current_grants"))
    order = list(ROLES)
    found = []
    for person in people:
        if person.current_grants:
            grant = person.current_grants[0]
            card = DemoCard(
                pk=person.pk,
                name=person.name,
                role=f"{grant.title}, {grant.place}",
                does=person.demo_card,
                icon=ICONS.get(grant.role, "person"),
            )
            found.append((order.index(grant.role), person.pk, card))
    return [card for _role, _pk, card in sorted(found, key=lambda each: each[:2])]
