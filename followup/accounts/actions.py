"""What is done with users and roles; every act leaves its entry in the trace."""

from datetime import date, timedelta

from django.core import mail, signing
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from followup import clock
from followup.accounts.models import (
    Grant,
    Installation,
    Invitation,
    Municipality,
    Organiser,
    SchoolUnit,
    User,
)
from followup.audit import actions as audit
from followup.offers import offered

SALT = "invitation"


class AlreadyGranted(Exception):
    """She has that role at that place already, for a time that overlaps."""

    def __init__(self, grant: Grant):
        self.grant = grant


# Users -------------------------------------------------------------------------------


@transaction.atomic
def add_user(
    *, email: str, given_name: str, family_name: str, by: User | None, employee_number: str = ""
) -> User:
    """An account without a password: she chooses it from the invitation."""
    user = User.objects.create_user(
        email, None, given_name=given_name, family_name=family_name, employee_number=employee_number
    )
    audit.record("accounts.add_user", by=by, about=user)
    return user


@transaction.atomic
def change_user(user: User, *, by: User, **fields) -> User:
    """With another e-mail comes a new way in, so the old address is told: it may not be she who has it."""
    before = user.email
    changed = sorted(name for name, value in fields.items() if getattr(user, name) != value)
    for name in changed:
        setattr(user, name, fields[name])
    if changed:
        user.save(update_fields=changed)
        audit.record("accounts.change_user", by=by, about=user, fields=changed)
    if "email" in changed and user.has_usable_password():
        transaction.on_commit(lambda: _tell_old_address(before, user, by=by))
    return user


def _tell_old_address(address: str, user: User, *, by: User) -> None:
    with translation.override("sv"):
        body = render_to_string("accounts/new_address.txt", {"user": user, "by": by})
        subject = _("Koll: din e-post har ändrats")
    mail.EmailMessage(subject, body, to=[address]).send(fail_silently=True)  # the change stands


@transaction.atomic
def close_user(user: User, *, by: User) -> User:
    """Never deleted: what she wrote stays with her name, and her way in is shut from this moment."""
    for grant in user.grants.unended():
        _end(grant, by=by, last_day=None)
    _follow_end(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record("accounts.close_user", by=by, about=user)
    return user


@transaction.atomic
def open_user(user: User, *, by: User) -> User:
    """She is back; her roles are given again by hand."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record("accounts.open_user", by=by, about=user)
    return user


@transaction.atomic
def set_keyboard_moves(user: User, *, on: bool, by: User) -> User:
    """Her own choice whether J, K and / move between rows (WCAG 2.1.4)."""
    user.keyboard_moves = on
    user.save(update_fields=["keyboard_moves"])
    audit.record("accounts.set_keyboard_moves", by=by, about=user, on=on)
    return user


# Roles -------------------------------------------------------------------------------


@transaction.atomic
def give_role(
    user: User,
    *,
    role: str,
    by: User | None,
    unit: SchoolUnit | None = None,
    organiser: Organiser | None = None,
    municipality: Municipality | None = None,
    profession: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Grant:
    """A role for a place and a period. One that was ended and begins on the same day is opened again."""
    starts_on = starts_on or clock.today()
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # two who give at once: one after the other
    place = {"unit": unit, "organiser": organiser, "municipality": municipality}
    same = Grant.objects.filter(user=user, role=role, **place)
    for grant in same:
        ends_before = grant.ends_on is not None and grant.ends_on < starts_on
        begins_after = ends_on is not None and grant.starts_on > ends_on
        if grant.state != "ended" and not ends_before and not begins_after:
            raise AlreadyGranted(grant)
    grant, _new = Grant.objects.update_or_create(
        user=user,
        role=role,
        starts_on=starts_on,
        **place,
        defaults={
            "ends_on": ends_on,
            "profession": profession,
            "from_file": False,
            "granted_by": by,
            "granted_at": clock.now(),
        },
    )
    audit.record(
        "accounts.give_role",
        by=by,
        about=grant,
        organiser_id=_organiser_of(grant),
        user=user.pk,
        role=role,
        unit=grant.unit_id,
        organiser=grant.organiser_id,
        starts_on=starts_on.isoformat(),
        ends_on=ends_on.isoformat() if ends_on else None,
    )
    return grant


@transaction.atomic
def end_grant(grant: Grant, *, by: User, last_day: date | None = None) -> Grant:
    """Ends a role after `last_day`; without one it is over now, and so is the sight of its pupils."""
    _end(grant, by=by, last_day=last_day)
    if grant.state == "ended":
        _follow_end(grant.user)
    return grant


def _end(grant: Grant, *, by: User, last_day: date | None) -> None:
    ends_on = last_day or clock.today() - timedelta(days=1)
    grant.ends_on = max(ends_on, grant.starts_on - timedelta(days=1))
    grant.save(update_fields=["ends_on"])
    audit.record(
        "accounts.end_role",
        by=by,
        about=grant,
        organiser_id=_organiser_of(grant),
        user=grant.user_id,
        role=grant.role,
        unit=grant.unit_id,
        organiser=grant.organiser_id,
        ends_on=grant.ends_on.isoformat(),
    )


def _follow_end(user: User) -> None:
    """What must follow at once: what she had begun waits for others now."""
    for follow in offered("AFTER_ROLE_END", "after_role_end"):
        follow(user)


def _organiser_of(grant: Grant) -> int | None:
    return grant.unit.organiser_id if grant.unit_id else grant.organiser_id


# Invitations ------------------------------------------------------------------------------


@transaction.atomic
def make_invitation(user: User, *, by: User | None, address: str) -> str:
    """A signed link where she chooses a password; the link itself is not stored, and replaces earlier ones."""
    invitation = Invitation.objects.create(user=user, sent_by=by)
    audit.record("accounts.invite", by=by, about=user)
    token = signing.dumps(invitation.pk, salt=SALT)
    return address.rstrip("/") + reverse("accounts:welcome", args=[token])


@transaction.atomic
def invite(user: User, *, by: User | None, address: str, connection=None) -> str:
    """Sends the link by mail, and returns it. If the letter cannot be sent there is no invitation.

    The letter says nothing about pupils.
    """
    link = make_invitation(user, by=by, address=address)
    with translation.override("sv"):
        grant = user.grants.unended().select_related("unit", "organiser", "municipality").first()
        body = render_to_string(
            "accounts/invitation.txt", {"user": user, "grant": grant, "link": link, "by": by}
        )
        subject = _("Koll: välj ett lösenord")
    mail.EmailMessage(subject, body, to=[user.email], connection=connection).send()
    return link


def invite_many(users, *, by: User, address: str) -> int:
    """One letter each over one connection; each invitation stands by itself."""
    with mail.get_connection() as connection:
        return sum(bool(invite(user, by=by, address=address, connection=connection)) for user in users)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, password: str) -> User:
    """She who holds the letter chooses the password; the link is used up."""
    user = invitation.user
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record("accounts.accept_invitation", by=user, about=user)
    return user


def note_new_password(user: User, *, by: None) -> None:
    """Somebody at the server has given her a password: whoever knows it reads as her from now on."""
    grants = user.grants.unended().select_related("unit")
    organisers = {_organiser_of(grant) for grant in grants}
    audit.record(
        "accounts.set_password",
        by=by,
        about=user,
        organiser_id=organisers.pop() if len(organisers) == 1 else None,
    )


@transaction.atomic
def set_up(
    *,
    email: str,
    given_name: str,
    family_name: str,
    address: str,
    organiser: str = "",
    organisation_number: str = "",
) -> str:
    """The first organiser and administrator; returns her invitation, or nothing when she has a password already.

    Asked again for the same e-mail it makes a new link.
    """
    Installation.objects.get_or_create(defaults={"is_demo": False})
    if organiser:
        add_organiser(
            name=organiser,
            organisation_number=organisation_number,
            kind=kind_of(organisation_number),
            by=None,
        )
    user = User.objects.filter(email=email).first()
    if user is None:
        user = add_user(email=email, given_name=given_name, family_name=family_name, by=None)
    if not user.grants.unended().filter(role="system_admin").exists():
        give_role(user, role="system_admin", by=None)
    return "" if user.has_usable_password() else make_invitation(user, by=None, address=address)


# Places ----------------------------------------------------------------------------------


@transaction.atomic
def add_organiser(
    *,
    name: str,
    organisation_number: str,
    kind: str,
    by: User | None,
    municipality: Municipality | None = None,
) -> Organiser:
    organiser = Organiser.objects.create(
        name=name, organisation_number=organisation_number, kind=kind, municipality=municipality
    )
    audit.record("accounts.add_organiser", by=by, about=organiser, organiser_id=organiser.pk)
    return organiser


@transaction.atomic
def add_unit(
    *,
    organiser: Organiser,
    code: str,
    name: str,
    by: User | None,
    school_form: str = "",
    municipality: Municipality | None = None,
) -> SchoolUnit:
    unit = SchoolUnit.objects.create(
        organiser=organiser, code=code, name=name, school_form=school_form, municipality=municipality
    )
    audit.record("accounts.add_unit", by=by, about=unit, organiser_id=organiser.pk)
    return unit


@transaction.atomic
def change_place(place: Organiser | SchoolUnit, *, by: User, **fields):
    changed = sorted(name for name, value in fields.items() if getattr(place, name) != value)
    for name in changed:
        setattr(place, name, fields[name])
    if changed:
        place.save(update_fields=changed)
        organiser_id = place.organiser_id if isinstance(place, SchoolUnit) else place.pk
        audit.record("accounts.change_place", by=by, about=place, organiser_id=organiser_id, fields=changed)
    return place


def kind_of(organisation_number: str) -> str:
    """The first digits of the number tell municipalities (212, 222) and regions (232) from others."""
    kinds = {"212": "municipal", "222": "municipal", "232": "regional"}
    return kinds.get(organisation_number[:3], "independent")
