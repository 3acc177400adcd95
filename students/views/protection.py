"""Protected identity: who is protected, setting and clearing, and naming persons."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from followup.accounts.permissions import Permission
from students import actions
from students.access import check_protect, scope_about
from students.forms import NamePersonForm, ProtectByNumberForm, ProtectForm
from students.models import NamedAccess, Student
from students.queries import protection


def protected(request):
    """The protected pupils I see; and marking one by her number, whom I may not see afterwards."""
    check_protect(request.scope)
    rows = protection.protected(request.scope)
    request.reading.add([each.row.student for each in rows], page="students:protected")
    form = ProtectByNumberForm(request.POST or None, back_url=reverse("students:list"))
    if request.method == "POST" and form.is_valid():
        student = (
            Student.objects.visible_to(request.scope.only(Permission.SET_PROTECTION))
            .filter(person__national_number=form.cleaned_data["number"])
            .first()
        )
        if student:
            return _protect(request, student, form)
        # the same words whether she does not exist or is protected already: they must not tell which
        form.add_error(
            "number",
            _("Du ser ingen elev med det numret. Är hen redan skyddad behöver du inte göra något."),
        )
    return render(request, "students/protected.html", {"rows": rows, "form": form})


def student_protection(request, pk: int):
    student = _student(request, pk)
    form = _form(student, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _protect(request, student, form)
    return _page(request, student, form, _naming(student))


@require_POST
def clear_protection(request, pk: int):
    student = _student(request, pk)
    person = actions.clear_protection(student, by=request.user)
    if person.is_protected:
        messages.warning(request, _("Skyddet gäller fortfarande, eftersom en annan källa säger så."))
    else:
        messages.success(request, _("Skyddet är borttaget. Nästa fil som säger skyddad sätter det igen."))
    return redirect("students:protection", pk)


@require_POST
def name_person(request, pk: int):
    student = _student(request, pk)
    naming = _naming(student, request.POST)
    if not naming.is_valid():
        return _page(request, student, _form(student), naming)
    try:
        named = actions.name_person(student, by=request.user, **naming.cleaned_data)
    except ValidationError as refused:
        messages.warning(request, refused.messages[0])
    else:
        messages.success(request, _("%(name)s är utsedd.") % {"name": named.user.name})
    return redirect("students:protection", pk)


@require_POST
def end_named(request, pk: int, named: int):
    student = _student(request, pk)
    named = get_object_or_404(NamedAccess.objects.current(), student=student, pk=named)
    actions.end_named(named, by=request.user)
    messages.success(request, _("%(name)s är inte längre utsedd.") % {"name": named.user.name})
    return redirect("students:protection", pk)


def _page(request, student: Student, form, naming):
    request.reading.add(student, page="students:protection")
    seen = Student.objects.seen_if_protected(request.scope)  # scope: the same, as it will be
    context = {
        "student": student,
        "form": form,
        "naming": naming,
        "keeps_sight": seen.filter(pk=student.pk).exists(),
        "named": list(NamedAccess.objects.current().filter(student=student).select_related("user")),
    }
    return render(request, "students/protection.html", context)


def _form(student: Student, data=None) -> ProtectForm:
    return ProtectForm(data, back_url=reverse("students:detail", args=[student.pk]))


def _naming(student: Student, data=None) -> NamePersonForm:
    action = reverse("students:name_person", args=[student.pk])
    return NamePersonForm(data, staff=protection.staff_to_name(student), action=action)


def _student(request, pk: int) -> Student:
    students = Student.objects.visible_to(request.scope).select_related("person", "organiser")
    student = get_object_or_404(students, pk=pk)
    check_protect(scope_about(request.scope, student))
    return student


def _protect(request, student: Student, form):
    """Back to where she can still be seen; for the one who cannot see her any longer, the page of the protected."""
    actions.set_protection(student, by=request.user, protection=form.cleaned_data["protection"])
    if Student.objects.visible_to(request.scope).filter(pk=student.pk).exists():
        messages.success(request, _("Skyddet är satt och gäller nu."))
        return redirect("students:protection", student.pk)
    messages.success(
        request,
        _("Skyddet är satt och gäller nu. Du ser inte längre eleven; det gör mentor, rektor och de utsedda."),
    )
    return redirect("students:protected")
