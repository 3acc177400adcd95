"""The schools of the demo and who works there."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from followup.accounts.models import Grant, Municipality, Organiser, SchoolUnit, User
from followup.demo.names import family_name, given_name

UNIT_SIZE = 700  # pupils at a large upper secondary school


@dataclass
class School:
    """A unit with its share of the pupils; `programmes` is (code, weight, kind of absence)."""

    unit: SchoolUnit
    pupils: int
    programmes: list[tuple[str, int, str]]
    compulsory: bool = False
    staff: dict[str, list[User]] = field(default_factory=dict)


PROGRAMMES = [
    [("EK", 4, "academic"), ("SA", 3, "academic"), ("NA", 2, "academic"), ("BF", 1, "vocational")],
    [("TE", 3, "academic"), ("EE", 3, "vocational"), ("VO", 2, "vocational"), ("IMA", 2, "introductory")],
    [("EK", 2, "academic"), ("ES", 2, "academic"), ("SA", 2, "academic")],
]
NAMES = ["Norra gymnasiet", "Södra gymnasiet", "Fria Björkskolan", "Ängskolan"]
SHARES = [0.36, 0.28, 0.2, 0.16]

# The people on the demo's first page: code of the card -> given name, family name, what she does.
CARDS = {
    "mentor": ("Karin", "Ahlgrind", "Skriver avstämningar mellan två lektioner"),
    "coach": ("Jonas", "Rydtuva", "Följer sina elever vecka för vecka"),
    "student_health": ("Mette", "Lundfjäder", "Går igenom väntelistan och beslutar"),
    "school_leader": ("Anna", "Falkglim", "Ser vad som väntar på skolan"),
    "registrar": ("Ulla", "Brandmossa", "Läser in skolans filer"),
    "privacy_officer": ("Pia", "Loodvinge", "Ser vem som har läst vad"),
    "system_admin": ("Sten", "Sandkvist-Ripa", "Sköter användare, skolor och drift"),
}

# One more, at another organiser's school: what she sees shows that nothing leaks between organisers.
NEIGHBOUR = ("student_health", "Bo", "Ekvide", "Elevhälsan hos en annan huvudman")


def lay_schools(students: int, chance: Random) -> list[School]:
    """Two organisers and four schools; for large demos one organiser per twelve schools or so."""
    home, _new = Municipality.objects.get_or_create(code="9901", defaults={"name": "Ekköping"})
    count = max(4, round(students / UNIT_SIZE))
    organisers = _organisers(max(2, count // 12), home)
    schools = []
    for number in range(count):
        kind = number % 4
        compulsory = kind == 3
        organiser = (
            organisers[1 if number == 2 else 0] if number < 4 else organisers[number % len(organisers)]
        )
        unit = SchoolUnit.objects.create(
            organiser=organiser,
            code=f"{99100000 + number + 1}",
            name=NAMES[kind] if number < 4 else f"{NAMES[kind]} {number + 1}",
            school_form="GR" if compulsory else "GY",
            municipality=home,
        )
        share = SHARES[kind] if count == 4 else 1 / count
        pupils = max(6, round(students * share))
        schools.append(School(unit, pupils, PROGRAMMES[kind % 3], compulsory))
    return schools


def _organisers(count: int, home: Municipality) -> list[Organiser]:
    return [
        Organiser.objects.create(
            name={0: "Ekköpings kommun", 1: "Björkskolan AB"}.get(number, f"Huvudman {number + 1}"),
            organisation_number=f"{2120019990 + number}" if number != 1 else "5560019998",
            kind=Organiser.Kind.INDEPENDENT if number == 1 else Organiser.Kind.MUNICIPAL,
            municipality=home,
        )
        for number in range(count)
    ]


def hire(
    school: School, mentors: int, since: date, chance: Random, *, with_cards: bool, with_neighbour: bool
) -> None:
    """Staff of one school: head, student health, registrar, coaches and as many mentors as its groups need."""
    wanted = (
        [("school_leader", "rektor")]
        + [("student_health", "kurator"), ("student_health", "skolsköterska")]
        + [("registrar", ""), ("coach", ""), ("coach", "")]
        + [("support_staff", "specialpedagog")]
        + [("mentor", "")] * mentors
    )
    users, grants, carded = [], [], set()
    for number, (role, profession) in enumerate(wanted):
        user = User(
            email=f"{role}{number}.{school.unit.code}@example.org",
            given_name=given_name(chance),
            family_name=family_name(chance),
            is_invented=True,
        )
        if with_cards and role in CARDS and role not in carded:
            carded.add(role)
            user.given_name, user.family_name, user.demo_card = CARDS[role]
        if with_neighbour and role == NEIGHBOUR[0] and role not in carded:
            carded.add(role)
            user.given_name, user.family_name, user.demo_card = NEIGHBOUR[1:]
        user.set_unusable_password()
        users.append(user)
        grants.append(Grant(user=user, role=role, unit=school.unit, profession=profession, starts_on=since))
        school.staff.setdefault(role, []).append(user)
    User.objects.bulk_create(users)
    Grant.objects.bulk_create(grants)


def hire_officers(organiser: Organiser, since: date) -> None:
    """Those who work for the whole organiser or the installation; they see no pupils."""
    for role, place in [("privacy_officer", {"organiser": organiser}), ("system_admin", {})]:
        given, family, card = CARDS[role]
        user = User(
            email=f"{role}@example.org",
            given_name=given,
            family_name=family,
            demo_card=card,
            is_invented=True,
        )
        user.set_unusable_password()
        user.save()
        Grant.objects.create(user=user, role=role, starts_on=since, **place)
