"""A pupil at one organiser, and who may see her."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from followup import clock
from followup.accounts.models import Organiser
from followup.accounts.permissions import Permission, Reach
from followup.questions import Blank, Question
from students.models.concern import Involvement, NamedAccess, SupportMeasure
from students.models.enrolment import Enrolment, Group, GroupMember, GroupStaff, since_lately
from students.models.person import Person, Protection
from students.ordering import NameKey, NameWords, WordBeginnings, words


class StudentQuerySet(models.QuerySet):
    def visible_to(self, scope):
        """The pupils that a scope sees: the one rule that every page starts from.

        Within the organiser: the whole unit, own groups, caseload, assigned, or those who concern the
        student health team, as each role reaches; then protected identity, which only her own mentor
        and coach, the head of the unit and persons named for her pass.
        """
        if scope is None or scope.organiser_id is None:
            return self.none()
        seen, near = _sees(scope)
        if seen is None:
            return self.none()
        reached = self.filter(organiser_id=scope.organiser_id, pk__in=seen)
        if near is None:
            return reached
        return reached.filter(Q(person__protection=Protection.NONE) | Q(pk__in=near))

    def seen_if_protected(self, scope):
        """Of those whom a scope sees, the ones it would see with protected identity too."""
        seen = self.visible_to(scope)
        near = _sees(scope)[1] if scope and scope.organiser_id is not None else None
        return seen if near is None else seen.filter(pk__in=near)

    def enrolled(self, day=None):
        return self.filter(Exists(Enrolment.objects.covering(day).filter(student=OuterRef("pk"))))

    def without_mentor(self, unit_ids, day=None):
        """Enrolled today at one of these units, where mentor groups are kept, and with no mentor who has the role."""
        day = day or clock.today()
        kept = Group.objects.filter(unit=OuterRef("unit"), kind=Group.Kind.MENTOR)
        placed = Enrolment.objects.covering(day).filter(
            Exists(kept), student=OuterRef("pk"), unit__in=unit_ids
        )
        led = GroupStaff.objects.mentoring(day).filter(group=OuterRef("group"))
        mentored = GroupMember.objects.covering(day).filter(Exists(led), student=OuterRef("pk"))
        return self.filter(Exists(placed), ~Exists(mentored))

    def unprotected(self):
        return self.filter(person__protection=Protection.NONE)

    def matching(self, text: str):
        """Pupils with a name where every word begins like a word searched for, or whose number begins so."""
        number = Person.plain_number(text)
        if len(number) >= 6 and number[:6].isdecimal() and number.isascii():
            return self.filter(_number_like(number))
        wanted = words(text)
        if not wanted:
            return self.none()
        return self.filter(words=WordBeginnings(wanted))

    def in_name_order(self):
        """Swedish order. The empty text keeps the planner from walking the sort index row by row."""
        return self.order_by(models.functions.Concat("sort_key", models.Value("")), "pk")


def _number_like(digits: str) -> Q:
    """Twelve digits begin so, or ten digits whose century is not written."""
    wanted = Q(person__national_number__startswith=digits)
    if len(digits) <= 10:
        wanted |= Q(person__national_number__startswith="20" + digits)
        wanted |= Q(person__national_number__startswith="19" + digits)
    return wanted


def visible_ids(scope) -> RawSQL:
    """The ids of the pupils that a scope sees, ready to stand in `student__in`.

    The same as `Student.objects.visible_to(scope)`, put into SQL once per scope: a page asks a dozen
    times whom it may show, and to put the question together takes longer than to answer it.
    """
    ready = scope.__dict__.setdefault("_visible_ids", {}) if scope else {}
    today = clock.today()
    if today not in ready:
        ready[today] = _in_sql(Student.objects.visible_to(scope).values("pk"))
    return ready[today]


def followed_ids(scope) -> RawSQL:
    """The same for those whom she follows up; the class of which she only teaches is not among them."""
    return visible_ids(scope.only(Permission.SEE_FOLLOW_UP))


def _in_sql(ids) -> RawSQL:
    try:
        return RawSQL(*ids.query.sql_with_params())
    except EmptyResultSet:
        return RawSQL("SELECT 0 WHERE false", ())


def _sees(scope) -> tuple:
    """Whom a scope reaches, and whom it reaches in a way that passes protection: None where every way does.

    Put into SQL once, since a page asks often.
    """
    put_together = scope.__dict__.setdefault("_sees", {})
    today = clock.today()
    if today not in put_together:
        ways = _ways(scope)
        near = [ids for ids, passes in ways if passes]
        seen = _any_of([ids for ids, _passes in ways]) if ways else None
        put_together[today] = (seen, _any_of(near) if len(near) < len(ways) else None)
    return put_together[today]


def _any_of(ways: list[RawSQL]) -> RawSQL:
    parameters = [each for way in ways for each in way.params]
    return RawSQL(" UNION ".join(f"({way.sql})" for way in ways), parameters)


@Question
def _of_own_groups():
    led = GroupMember.objects.led_by(
        Blank("me"), units=Blank("units"), kinds=Blank("kinds"), day=Blank("day")
    )
    return led.values("student")


@Question
def _caseload():
    return (
        SupportMeasure.objects.ongoing(Blank("day"))
        .filter(kind=SupportMeasure.Kind.COACH, responsible=Blank("me"), unit__in=Blank("units"))
        .values("student")
    )


@Question
def _whole():
    return Enrolment.objects.lately(Blank("since")).filter(unit__in=Blank("units")).values("student")


@Question
def _concerned():
    return Involvement.objects.current(Blank("day")).filter(unit__in=Blank("units")).values("student")


@Question
def _assigned():
    involved = Involvement.objects.current(Blank("day"))
    return involved.filter(unit__in=Blank("units"), user=Blank("me")).values("student")


@Question
def _named():
    return NamedAccess.objects.current(Blank("day")).filter(user=Blank("me")).values("student")


def _ways(scope) -> list:
    """One per way in which her roles reach pupils: a question for their ids, and whether it passes protection.

    Her own mentor and coach, the head of the unit and the named pass.
    """
    units, me, today = scope.units_with, scope.user.pk, clock.today()
    found = []
    led = scope.units_of_roles("school_leader")
    if led:
        found.append((_whole.within(units=led, since=since_lately()), True))
    if whole := units(Reach.WHOLE_UNIT) - led:
        found.append((_whole.within(units=whole, since=since_lately()), False))
    if own := scope.units_of_roles("mentor"):
        found.append((_of_own_groups.within(units=own, kinds=[Group.Kind.MENTOR], me=me, day=today), True))
    if own := scope.units_of_roles("teacher"):
        found.append((_of_own_groups.within(units=own, kinds=Group.Kind.values, me=me, day=today), False))
    if caseload := units(Reach.CASELOAD):
        found.append((_caseload.within(units=caseload, me=me, day=today), True))
    if concerned := units(Reach.CONCERNED):
        found.append((_concerned.within(units=concerned, day=today), False))
    if assigned := units(Reach.ASSIGNED):
        found.append((_assigned.within(units=assigned, me=me, day=today), False))
    if found:
        found.append((_named.within(me=me, day=today), True))
    return found


class Student(models.Model):
    """A person as a pupil of one organiser, which is the controller of these data (GDPR art. 4.7).

    All school facts hang here, so nothing leaks from one organiser to another.
    """

    person = models.ForeignKey(Person, models.PROTECT, verbose_name=_("person"), related_name="students")
    organiser = models.ForeignKey(
        Organiser, models.PROTECT, verbose_name=_("huvudman"), related_name="students"
    )
    given_name = models.CharField(_("förnamn"), max_length=100)
    family_name = models.CharField(_("efternamn"), max_length=100)
    email = models.EmailField(_("e-post"), blank=True)
    phone = models.CharField(_("telefon"), max_length=40, blank=True)
    home_municipality_code = models.CharField(_("hemkommun"), max_length=4, blank=True)
    batch_id = models.IntegerField(_("inläsning"), null=True)
    sort_key = models.GeneratedField(
        expression=NameKey("family_name", "given_name"),
        output_field=models.CharField(max_length=400, db_collation="C"),
        db_persist=True,
        verbose_name=_("sorteringsnyckel"),
    )
    words = models.GeneratedField(
        expression=NameWords("given_name", "family_name"),
        output_field=SearchVectorField(),
        db_persist=True,
        verbose_name=_("sökord"),
    )

    objects = StudentQuerySet.as_manager()

    class Meta:
        verbose_name = _("elev")
        verbose_name_plural = _("elever")
        indexes = [
            GinIndex(fields=["words"], name="student_words", fastupdate=False),
            models.Index(F("sort_key"), name="student_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "organiser"], name="one_student_per_organiser")
        ]

    class Privacy:
        neither = ["id", "organiser", "batch_id"]
        personal = [
            "person",
            "given_name",
            "family_name",
            "email",
            "phone",
            "home_municipality_code",
            "sort_key",
            "words",
        ]
        kept = "Till eleven är 20 år eller har slutat, och 1 år till."

    def __str__(self):
        return f"elev {self.pk}"  # never the name: this text ends up in logs and errors

    @property
    def name(self):
        return f"{self.given_name} {self.family_name}"


class Guardian(models.Model):
    """Vårdnadshavare; the role ends when the pupil turns 18 (föräldrabalken 9 kap. 1 §)."""

    student = models.ForeignKey(Student, models.CASCADE, verbose_name=_("elev"), related_name="guardians")
    given_name = models.CharField(_("förnamn"), max_length=100)
    family_name = models.CharField(_("efternamn"), max_length=100)
    relation = models.CharField(_("relation"), max_length=60)
    email = models.EmailField(_("e-post"), blank=True)
    phone = models.CharField(_("telefon"), max_length=40, blank=True)
    batch_id = models.IntegerField(_("inläsning"), null=True)

    class Meta:
        verbose_name = _("vårdnadshavare")
        verbose_name_plural = _("vårdnadshavare")
        constraints = [
            models.UniqueConstraint(
                fields=["student", "given_name", "family_name"], name="one_guardian_per_name"
            )
        ]

    class Privacy:
        neither = ["id", "batch_id"]
        personal = ["student", "given_name", "family_name", "relation", "email", "phone"]
        kept = "Till eleven fyller 18."
