"""Where pupils go and who their mentors are, for the lists and boxes that name them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from followup import clock
from followup.questions import Blank, Question
from students.models import Enrolment, GroupStaff


class Place(NamedTuple):
    """A school that a pupil goes to today, and where in it."""

    unit_id: int
    school: str
    programme: str
    year: int | None
    school_class: str


class Mentor(NamedTuple):
    pk: int
    name: str


@dataclass(frozen=True)
class Belonging:
    """Where a pupil goes today, the latest start first, and her mentors."""

    places: tuple[Place, ...] = ()
    mentors: tuple[Mentor, ...] = ()

    @property
    def school_class(self) -> str:
        return self.places[0].school_class if self.places else ""

    @property
    def school(self) -> str:
        return self.places[0].school if self.places else ""

    @property
    def words(self) -> str:
        """EK2b · mentor Karin Ahl"""
        if not self.mentors:
            mentors = _("mentor saknas")
        else:
            mentors = _("mentor %(names)s") % {"names": ", ".join(mentor.name for mentor in self.mentors)}
        return f"{self.school_class or _('klass saknas')} · {mentors}"


@Question
def _places():
    return (
        Enrolment.objects.covering(Blank("day"))
        .filter(student__in=Blank("ids"))
        .order_by("-starts_on", "unit__code")
        .values_list("student", "unit", "unit__name", "programme", "year", "school_class")
    )


@Question
def _mentors():
    day = Blank("day")
    return (
        GroupStaff.objects.mentoring(day)
        .of_students(Blank("ids"), day)
        .order_by("starts_on", "pk")
        .values_list("group__members__student", "user", "user__given_name", "user__family_name")
    )


def belongings(student_ids) -> dict[int, Belonging]:
    """Class and mentors of many pupils, in two queries; the latest start wins where there are two units."""
    if not student_ids:
        return {}
    places, mentors = defaultdict(dict), defaultdict(dict)  # in their order, each once
    asked = {"ids": list(student_ids), "day": clock.today()}
    for student, *place in _places.ask(**asked):
        places[student][Place(*place)] = True
    for student, user, given_name, family_name in _mentors.ask(**asked):
        mentors[student][Mentor(user, f"{given_name} {family_name}")] = True
    return {student: Belonging(tuple(places[student]), tuple(mentors[student])) for student in student_ids}
