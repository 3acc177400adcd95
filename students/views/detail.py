"""One pupil: her page, the facts about her, and who else may see her."""

from django.shortcuts import get_object_or_404, render

from students.access import check_see_facts
from students.queries import detail, facts


def student(request, pk: int):
    """Her page; "Skriv ut" is the same page with all of the timeline, and is noted as such."""
    on_paper = "utskrift" in request.GET
    header = _header(request, pk, page="students:print" if on_paper else "students:detail")
    shown, number = request.GET.get("visa", ""), request.GET.get("sida")
    page = detail.student_page(header, shown, number, on_paper=on_paper)
    return render(request, "students/detail.html", {"page": page, "header": header, "on_paper": on_paper})


def student_facts(request, pk: int):
    header = _header(request, pk, page="students:facts")
    check_see_facts(header.scope)
    year = request.GET.get("lasar", "")
    page = facts.facts_page(header, int(year) if year.isdecimal() and len(year) == 4 else None)
    return render(request, "students/facts.html", {"page": page, "header": header})


def who_sees(request, pk: int):
    header = _header(request, pk, page="students:who_sees")
    return render(request, "students/who_sees.html", {"header": header})


def _header(request, pk: int, *, page: str) -> detail.Header:
    """The pupil in scope, her reading noted."""
    student = get_object_or_404(detail.students_with_facts(request.scope), pk=pk)
    request.reading.add(student, page=page)
    return detail.header_of(request.scope, student)
