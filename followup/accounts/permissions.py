"""Who may do what: one table that a head of school can read aloud.

A role is granted for a place and a period (`Grant`). Roles gather in duties; within a duty they add
up, between duties and organisers one switches in the me-menu.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Duty(models.TextChoices):
    SCHOOL = "school", _("skola")
    KAA = "kaa", _("aktivitetsansvaret")
    ADMINISTRATION = "administration", _("förvaltning")


class Place(StrEnum):
    """What a role is granted for."""

    UNIT = "unit"
    ORGANISER = "organiser"
    MUNICIPALITY = "municipality"
    INSTALLATION = "installation"


class Permission(StrEnum):
    SEE_STUDENTS = "see_students"
    SEE_WAITING_LIST = "see_waiting_list"
    TAKE_FLAG = "take_flag"
    DECIDE = "decide"
    WRITE_CHECK_IN = "write_check_in"
    SEE_FOLLOW_UP = "see_follow_up"
    SEE_RECORDS = "see_records"
    IMPORT_FILES = "import_files"
    RUN_SCAN = "run_scan"
    MANAGE_STAFF = "manage_staff"
    SET_PROTECTION = "set_protection"
    DISPUTE_FACT = "dispute_fact"
    SEE_SCHOOL_FIGURES = "see_school_figures"
    SEE_ORGANISER_FIGURES = "see_organiser_figures"
    SEE_AUDIT = "see_audit"
    SEE_SYSTEM = "see_system"
    MANAGE_PLACES = "manage_places"


class Reach(StrEnum):
    """Which pupils of the place a role sees."""

    OWN_GROUPS = "own_groups"
    CASELOAD = "caseload"
    ASSIGNED = "assigned"
    CONCERNED = "concerned"
    WHOLE_UNIT = "whole_unit"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Role:
    code: str
    name: str
    does: str
    duty: Duty
    place: Place
    reach: Reach
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    synonyms: tuple[str, ...] = ()


P = Permission


def title_of(role: str, profession: str):
    """What somebody is called: her profession where the role has several, else the role."""
    return profession or ROLES[role].name


ROLES: dict[str, Role] = {
    role.code: role
    for role in [
        Role(
            "mentor",
            _("mentor"),
            _("Ser sina egna mentorsgrupper, tar flaggor och skriver avstämningar."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.OWN_GROUPS,
            frozenset({P.SEE_STUDENTS, P.SEE_FOLLOW_UP, P.TAKE_FLAG, P.WRITE_CHECK_IN, P.DISPUTE_FACT}),
        ),
        Role(
            "coach",
            _("elevcoach"),
            _("Ser de elever som beslutats få elevcoach, tar flaggor och skriver avstämningar."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.CASELOAD,
            frozenset({P.SEE_STUDENTS, P.SEE_FOLLOW_UP, P.TAKE_FLAG, P.WRITE_CHECK_IN, P.DISPUTE_FACT}),
            ("coach",),
        ),
        Role(
            "teacher",
            _("undervisande lärare"),
            _("Ser namnen i sina egna grupper."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.OWN_GROUPS,
            frozenset({P.SEE_STUDENTS}),
            ("lärare",),
        ),
        Role(
            "support_staff",
            _("annan stödpersonal"),
            _("Ser de elever som hen har fått i uppdrag att stödja och skriver avstämningar."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.ASSIGNED,
            frozenset({P.SEE_STUDENTS, P.SEE_FOLLOW_UP, P.WRITE_CHECK_IN, P.DISPUTE_FACT}),
            ("syv", "studie- och yrkesvägledare", "specialpedagog", "speciallärare", "stödpersonal"),
        ),
        Role(
            "student_health",
            _("elevhälsa"),
            _("Går igenom väntelistan för sina skolenheter, tar flaggor, beslutar och följer upp."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.CONCERNED,
            frozenset(
                {
                    P.SEE_STUDENTS,
                    P.SEE_FOLLOW_UP,
                    P.SEE_WAITING_LIST,
                    P.TAKE_FLAG,
                    P.DECIDE,
                    P.WRITE_CHECK_IN,
                    P.DISPUTE_FACT,
                    P.RUN_SCAN,
                }
            ),
            ("elevhälsan", "kurator", "skolsköterska", "skolpsykolog", "skolläkare"),
        ),
        Role(
            "school_leader",
            _("rektor"),
            _("Ser elever och siffror för sina skolenheter och beslutar."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.WHOLE_UNIT,
            frozenset(
                {
                    P.SEE_STUDENTS,
                    P.SEE_FOLLOW_UP,
                    P.SEE_WAITING_LIST,
                    P.DECIDE,
                    P.WRITE_CHECK_IN,
                    P.SEE_SCHOOL_FIGURES,
                    P.RUN_SCAN,
                    P.DISPUTE_FACT,
                    P.SET_PROTECTION,
                }
            ),
            ("skolledare", "biträdande rektor"),
        ),
        Role(
            "registrar",
            _("skoladministratör"),
            _("Läser in filer och sköter elever, personal och roller för sina skolenheter."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.WHOLE_UNIT,
            frozenset(
                {
                    P.SEE_STUDENTS,
                    P.SEE_RECORDS,
                    P.IMPORT_FILES,
                    P.RUN_SCAN,
                    P.MANAGE_STAFF,
                    P.SET_PROTECTION,
                    P.DISPUTE_FACT,
                }
            ),
            ("administratör", "skolassistent"),
        ),
        Role(
            "handover_sender",
            _("överlämnande"),
            _("Skriver överlämningar från sina skolenheter."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.NOBODY,
        ),
        Role(
            "handover_receiver",
            _("mottagande"),
            _("Tar emot överlämningar till sina skolenheter."),
            Duty.SCHOOL,
            Place.UNIT,
            Reach.NOBODY,
        ),
        Role(
            "kaa_officer",
            _("KAA-handläggare"),
            _("Ser ungdomar i kommunens aktivitetsansvar."),
            Duty.KAA,
            Place.MUNICIPALITY,
            Reach.NOBODY,
        ),
        Role(
            "kaa_leader",
            _("KAA-ledning"),
            _("Ser aktivitetsansvarets register och siffror."),
            Duty.KAA,
            Place.MUNICIPALITY,
            Reach.NOBODY,
        ),
        Role(
            "organiser_leader",
            _("huvudmannens ledning"),
            _("Ser huvudmannens siffror, aldrig namn."),
            Duty.ADMINISTRATION,
            Place.ORGANISER,
            Reach.NOBODY,
            frozenset({P.SEE_ORGANISER_FIGURES}),
        ),
        Role(
            "privacy_officer",
            _("dataskyddsombud"),
            _("Ser vem som har läst och gjort vad, när."),
            Duty.ADMINISTRATION,
            Place.ORGANISER,
            Reach.NOBODY,
            frozenset({P.SEE_AUDIT}),
        ),
        Role(
            "system_admin",
            _("systemadministratör"),
            _("Sköter användare, roller, skolor och driften. Ser inga elever."),
            Duty.ADMINISTRATION,
            Place.INSTALLATION,
            Reach.NOBODY,
            frozenset({P.SEE_SYSTEM, P.MANAGE_STAFF, P.MANAGE_PLACES, P.IMPORT_FILES, P.RUN_SCAN}),
        ),
    ]
}


def role_choices() -> list[tuple[str, str]]:
    """Callable, so that a new role is not a new migration."""
    return [(role.code, role.name) for role in ROLES.values()]
