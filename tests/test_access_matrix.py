"""Who may go where: every address x every role x own school, other school, other organiser.

A leaked pupil is our worst fault, and it comes from the one page that forgot to ask. So each address of
the resolver has a row in `ACCESS`, readable aloud; an address without a row fails, and says how to add it.

    address          as   about   mentor coach teacher support health leader registrar | leaders privacy system | elsewhere

Cells: `ok` shown or done, `403` in scope without the right, `404` does not exist for her. `elsewhere` is
what the staff of another school and of another organiser meet: `404` for what belongs to one school (where
the role is refused anyway `403` comes first), `same` for pages that show each her own.
"""

import logging
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from followup.accounts.models import Grant, User
from followup.coaching.models import CheckIn
from followup.risk.models import Decision, Flag
from students.imports import actions as imports
from students.models import (
    Batch,
    FactDispute,
    Group,
    GroupMember,
    GroupStaff,
    Involvement,
    NamedAccess,
    Refusal,
)
from tests import world as worlds

OWN = {
    "mentor": "karin",
    "coach": "jonas",
    "teacher": "tore",
    "support": "siv",
    "health": "mette",
    "leader": "anna",
    "registrar": "ulla",
    "leaders": "lena",
    "privacy": "pia",
    "system": "sten",
}
ELSEWHERE = {
    "mentor": ("per",),
    "health": ("olle", "bo"),
    "leader": ("leader_s", "leader_b"),
    "registrar": ("registrar_s", "registrar_b"),
    "privacy": ("privacy_b",),
}

# fmt: off
ACCESS = """
# address                    as    about      mentor  coach   teacher support health  leader  registrar | leaders privacy system  | elsewhere
today                        GET   -          ok      ok      ok      ok      ok      ok      ok        | ok      ok      ok      | same

student_search               POST  -          ok      ok      ok      ok      ok      ok      ok        | 403     403     403     | same

students:list                GET   -          ok      ok      ok      ok      ok      ok      ok        | 403     403     403     | same
students:class               GET   class      ok      ok      ok      ok      ok      ok      ok        | 403     403     403     | 404
students:protected           GET   -          403     403     403     403     403     ok      ok        | 403     403     403     | same
students:detail              GET   ella       ok      ok      ok      ok      ok      ok      ok        | 404     404     404     | 404
students:detail              GET   vera       ok      404     404     404     404     ok      404       | 404     404     404     | 404
students:facts               GET   ella       ok      ok      403     ok      ok      ok      ok        | 404     404     404     | 404
students:facts               GET   vera       ok      404     404     404     404     ok      404       | 404     404     404     | 404
students:who_sees            GET   ella       ok      ok      ok      ok      ok      ok      ok        | 404     404     404     | 404
students:who_sees            GET   vera       ok      404     404     404     404     ok      404       | 404     404     404     | 404
students:dispute             GET   ella_day   ok      ok      403     ok      ok      ok      ok        | 404     404     404     | 404
students:dispute             GET   vera_day   ok      404     404     404     404     ok      404       | 404     404     404     | 404
students:answer_dispute      GET   dispute    403     403     403     403     403     403     ok        | 404     404     404     | 404
students:protection          GET   ella       403     403     403     403     403     ok      ok        | 404     404     404     | 404
students:protection          GET   vera       403     404     404     404     404     ok      404       | 404     404     404     | 404
students:clear_protection    POST  vera       403     404     404     404     404     ok      404       | 404     404     404     | 404
students:name_person         POST  vera       403     404     404     404     404     ok      404       | 404     404     404     | 404
students:end_named           POST  vera_named 403     404     404     404     404     ok      404       | 404     404     404     | 404

risk:waiting_list            GET   -          403     403     403     403     ok      ok      403       | 403     403     403     | same
risk:scan_now                POST  -          403     403     403     403     ok      ok      ok        | 403     403     ok      | same
risk:decide                  GET   ella       403     403     403     403     ok      ok      403       | 404     404     404     | 404
risk:decide                  GET   vera       403     404     404     404     404     ok      404       | 404     404     404     | 404
risk:flag                    GET   flag       ok      ok      404     ok      ok      ok      404       | 404     404     404     | 404
risk:flag                    GET   vera_flag  ok      404     404     404     404     ok      404       | 404     404     404     | 404
risk:take                    POST  flag       ok      ok      404     403     ok      403     404       | 404     404     404     | 404
risk:take                    POST  vera_flag  ok      404     404     404     404     403     404       | 404     404     404     | 404
risk:give_back               POST  flag       ok      ok      404     403     ok      403     404       | 404     404     404     | 404
risk:decisions               GET   -          403     403     403     403     ok      ok      403       | 403     403     403     | same
risk:decision                GET   decision   ok      ok      404     ok      ok      ok      404       | 404     404     404     | 404
risk:confirm                 POST  decision   403     403     404     403     ok      403     404       | 404     404     404     | 404
risk:correct                 POST  decision   403     403     404     403     ok      403     404       | 404     404     404     | 404
risk:withdraw                POST  decision   403     403     404     403     ok      403     404       | 404     404     404     | 404
risk:undo                    POST  decision   403     403     404     403     ok      403     404       | 404     404     404     | 404
risk:follow_up               POST  decision   403     403     404     403     ok      ok      404       | 404     404     404     | 404

coaching:check_in            GET   ella       ok      ok      403     ok      ok      ok      403       | 404     404     404     | 404
coaching:check_in            GET   vera       ok      404     404     404     404     ok      404       | 404     404     404     | 404
coaching:list                GET   -          ok      ok      403     ok      ok      ok      403       | 403     403     403     | same
coaching:detail              GET   check_in   ok      ok      404     ok      ok      ok      404       | 404     404     404     | 404
coaching:saved               GET   check_in   ok      403     404     403     403     403     404       | 404     404     404     | 404
coaching:undo                POST  check_in   ok      ok      404     ok      ok      ok      404       | 404     404     404     | 404
coaching:correct             GET   check_in   ok      403     404     403     403     403     404       | 404     404     404     | 404
coaching:withdraw            GET   check_in   ok      403     404     403     403     403     404       | 404     404     404     | 404

drafts:throw_away            POST  -          ok      ok      ok      ok      ok      ok      ok        | ok      ok      ok      | same

accounts:keyboard_moves      POST  -          ok      ok      ok      ok      ok      ok      ok        | ok      ok      ok      | same
accounts:users               GET   -          403     403     403     403     403     403     ok        | 403     403     ok      | same
accounts:add_user            GET   -          403     403     403     403     403     403     ok        | 403     403     ok      | same
accounts:invite_all          POST  -          403     403     403     403     403     403     ok        | 403     403     ok      | same
accounts:user                GET   karin      403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:change_user         GET   karin      403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:give_role           GET   karin      403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:invite              POST  newcomer   403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:close_user          GET   karin      403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:close_user          POST  karin      403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:open_user           POST  karin      403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:end_role            GET   role       403     403     403     403     403     403     ok        | 403     403     ok      | 404
accounts:places              GET   -          403     403     403     403     403     403     403       | 403     403     ok      | same
accounts:add_unit            GET   -          403     403     403     403     403     403     403       | 403     403     ok      | same
accounts:change_unit         GET   norra      403     403     403     403     403     403     403       | 403     403     ok      | 403
accounts:add_organiser       GET   -          403     403     403     403     403     403     403       | 403     403     ok      | same
accounts:change_organiser    GET   kommun     403     403     403     403     403     403     403       | 403     403     ok      | 403

boards:school                GET   -          403     403     403     403     403     ok      403       | ok      403     403     | same
boards:system                GET   -          403     403     403     403     403     403     403       | 403     403     ok      | same
boards:trace                 GET   -          403     403     403     403     403     403     403       | 403     ok      403     | same

imports:list                 GET   -          403     403     403     403     403     403     ok        | 403     403     ok      | same
imports:formats              GET   -          403     403     403     403     403     403     ok        | 403     403     ok      | same
imports:empty                GET   kind       403     403     403     403     403     403     ok        | 403     403     ok      | same
imports:upload               GET   upload     403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:run                  POST  upload     403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:batch                GET   batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:refused              GET   batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:release              POST  batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:again                POST  batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:discard              POST  batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:columns              GET   batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:whole                GET   batch      403     403     403     403     403     403     ok        | 403     403     404     | 404
imports:settle               POST  refusal    403     403     403     403     403     403     ok        | 403     403     404     | 404

account_logout               GET   -          ok      ok      ok      ok      ok      ok      ok        | ok      ok      ok      | same
account_change_password      GET   -          ok      ok      ok      ok      ok      ok      ok        | ok      ok      ok      | same

usersessions_list            GET   -          ok      ok      ok      ok      ok      ok      ok        | ok      ok      ok      | same
"""
# fmt: on

# Addresses that are the same for everybody, or that are tried by tests of their own.
OPEN = {
    "accounts:demo": "signs in, in a demo only: tests/accounts/test_sign_in.py",
    "accounts:welcome": "a signed link: tests/accounts/test_users.py",
    "accounts:work_as": "her own other duties: tests/accounts/test_sign_in.py",
    "drafts:keep": "the signed proof of her own form: tests/coaching/test_drafts.py",
    "account_login": "sign-in itself",
    "account_reset_password": "for the one who cannot sign in",
    "account_reset_password_done": "for the one who cannot sign in",
    "account_reset_password_from_key": "a signed link",
    "account_reset_password_from_key_done": "for the one who cannot sign in",
    "set_language": "a cookie",
    "accessibility": "a public statement",
    "cookies": "a public page",
    "components": "the gallery, in DEBUG and tests",
}


@dataclass(frozen=True)
class Row:
    address: str
    method: str
    about: str
    cells: dict
    elsewhere: str


def rows() -> list[Row]:
    found = []
    for line in ACCESS.strip().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        words = line.replace("|", " ").split()
        assert len(words) == 3 + len(OWN) + 1, f"Cells missing in: {line}"
        found.append(Row(words[0], words[1], words[2], dict(zip(OWN, words[3:-1], strict=True)), words[-1]))
    return found


def addresses(resolver=None, spaces=()):
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join([*spaces, pattern.name or str(pattern.pattern)])
        else:
            yield from addresses(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)


@pytest.fixture(autouse=True)
def _quiet():
    """Thousands of requests, half of them refused on purpose: their log lines help nobody."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def street(world):
    """The small world with one thing of each kind about Ella at Norra gymnasiet, and staff elsewhere."""
    for key, unit in (("s", world.sodra), ("b", world.bjork)):
        worlds.user(world, f"leader_{key}", "Annan", "school_leader", unit=unit)
        worlds.user(world, f"registrar_{key}", "Annan", "registrar", unit=unit)
    worlds.user(world, "privacy_b", "Annan", "privacy_officer", organiser=world.aktie)
    ella, norra, karin = world.ella, world.norra, world.karin
    day = worlds.TODAY
    worlds.coach(ella, norra, world.jonas, made_by=world.mette)
    flag = Flag.objects.create(
        student=ella, unit=norra, indicator="A1", level="red", value=17, threshold=15,
        opened_on=day, changed_on=day, measured_on=day,
    )  # fmt: skip
    Involvement.objects.create(student=ella, unit=norra, why="flag", ref=flag.pk, since=day)
    Involvement.objects.create(student=ella, unit=norra, why="assignment", user=world.siv, since=day)
    decision = Decision.objects.create(
        student=ella, unit=norra, choice="mentor", decided_by=world.mette, recorded_by=world.mette,
        follow_up_on=date(2026, 12, 10),
    )  # fmt: skip
    check_in = CheckIn.objects.create(
        student=ella, unit=norra, by=karin, made=True, channel="meeting", form_uuid=uuid4()
    )
    content = "personnummer;förnamn;efternamn;skolenhetskod\n200901102392;Annan;Person;99900011\n"
    file = SimpleUploadedFile("elever.csv", content.encode())
    upload = imports.receive(files=[file], by=world.ulla, scope=world.scope("ulla"))
    imports.plan_upload(upload)
    batch = Batch.objects.get()
    refusal = Refusal.objects.get(code="names_changed")
    taught = Group.objects.create(unit=norra, kind=Group.Kind.TEACHING, name="Ma2b", school_year=2026)
    GroupStaff.objects.create(group=taught, user=world.tore, starts_on=worlds.TERM_START)
    for student in (ella, world.vera):
        GroupMember.objects.create(group=taught, student=student, starts_on=worlds.TERM_START)
    hidden = Flag.objects.create(
        student=world.vera, unit=norra, indicator="A1", level="red", value=17, threshold=15,
        opened_on=day, changed_on=day, measured_on=day,
    )  # fmt: skip
    Involvement.objects.create(student=world.vera, unit=norra, why="flag", ref=hidden.pk, since=day)
    dispute = FactDispute.objects.create(
        student=ella, unit=norra, about="attendance", text="fel", said_by=karin, on=day
    )
    nurse = worlds.user(world, "nurse", "Namngiven", "student_health", unit=norra)
    named = NamedAccess.objects.create(student=world.vera, user=nurse, since=day)
    for student in (ella, world.vera):
        worlds.attendance(student, norra, days=1)
    newcomer = User.objects.create_user("ny@example.org", None, given_name="Ny", family_name="Kollega")
    Grant.objects.create(user=newcomer, role="teacher", unit=norra, starts_on=worlds.TERM_START)
    things = {
        "-": [],
        "vera": [world.vera.pk],
        "vera_flag": [hidden.pk],
        "vera_named": [world.vera.pk, named.pk],
        "dispute": [dispute.pk],
        "ella_day": [ella.pk, "attendance", f"{day}.{norra.pk}"],
        "vera_day": [world.vera.pk, "attendance", f"{day}.{norra.pk}"],
        "newcomer": [newcomer.pk],
        "ella": [ella.pk],
        "flag": [flag.pk],
        "decision": [decision.pk],
        "check_in": [check_in.pk],
        "kind": ["narvaro"],
        "upload": [upload.pk],
        "batch": [batch.pk],
        "refusal": [refusal.pk],
        "karin": [karin.pk],
        "role": [Grant.objects.get(user=karin).pk],
        "norra": [norra.pk],
        "kommun": [world.kommun.pk],
        "class": [norra.pk, "EK2b"],
    }
    return world, things


def meet(client: Client, row: Row, things) -> str:
    """What one user meets at one address; nothing that happens there stays."""
    with transaction.atomic():
        path = reverse(row.address, args=things[row.about])
        response = getattr(client, row.method.lower())(path)
        transaction.set_rollback(True)
    if response.status_code == 302 and "/konto/logga-in/" in response.url:
        return "sign-in"
    return "ok" if response.status_code < 400 else str(response.status_code)


def client_of(world, name) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(world.users[name])
    return client


def test_every_address_stands_in_the_table():
    named = {row.address for row in rows()}
    missing = sorted(set(addresses()) - named - set(OPEN))
    assert not missing, (
        f"No row in ACCESS (tests/test_access_matrix.py) for {missing}. Add a line `{missing[0]} GET about ...`: "
        "who may open it, cell by cell, and what staff of another school meet. `about` names a thing of the "
        "fixture `street`. Addresses without sign-in go to OPEN, with the reason."
    )
    gone = sorted((named | set(OPEN)) - set(addresses()))
    assert not gone, f"Rows for addresses that are gone: {gone}"


def test_within_her_own_school_each_role_goes_where_the_table_says(street):
    world, things = street
    wrong = []
    for role, name in OWN.items():
        client = client_of(world, name)
        wrong += [
            f"{row.address} {row.about}: {role} met {got}, the table says {row.cells[role]}"
            for row in rows()
            if (got := meet(client, row, things)) != row.cells[role]
        ]
    assert not wrong, "\n".join(wrong)


def test_staff_of_another_school_and_another_organiser_meet_nothing_of_it(street):
    world, things = street
    wrong = []
    for role, names in ELSEWHERE.items():
        for name in names:
            client = client_of(world, name)
            for row in rows():
                got = meet(client, row, things)
                here = row.cells[role]
                may_be = {here} if row.elsewhere == "same" else {row.elsewhere}
                if here == "403":
                    may_be |= {"403"}
                if got not in may_be:
                    wrong.append(f"{row.address} {row.about}: {role} {name} met {got}, allowed is {may_be}")
    assert not wrong, "\n".join(wrong)


def test_nobody_gets_anywhere_without_signing_in(street):
    _world, things = street
    client = Client(raise_request_exception=False)
    wrong = [
        f"{row.address}: met {got}"
        for row in rows()
        if (got := meet(client, row, things))
        not in ({"sign-in"} if row.method == "GET" else {"sign-in", "401"})
    ]
    assert not wrong, "\n".join(wrong)
