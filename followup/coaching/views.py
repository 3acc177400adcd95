"""Check-ins: the form on a phone, what happens after it, and the list of one's own."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from followup.coaching import access, actions, queries
from followup.coaching.forms import CheckInForm, WithdrawForm
from followup.coaching.models import CheckIn
from followup.coaching.said import Said
from followup.coaching.taking_over import left_about
from followup.words import clock_time
from students.drafts import actions as drafts
from students.drafts.views import keeps_text, written_form
from students.models import Student

NEW = "check_in"  # the name of the form in drafts and proofs


@keeps_text
def check_in(request, pk):
    """Skriv avstämning."""
    student = get_object_or_404(Student.objects.visible_to(request.scope), pk=pk)
    access.check_write(request.scope, student)
    page = queries.form_page(student, request.scope)
    request.reading.add(student, page="check_in")
    form = written_form(request, CheckInForm, student, NEW, page=page)
    if not form.is_valid():
        return _form(request, page, form)
    said = form.said()
    check_in = actions.write_check_in(
        by=request.user,
        student=student,
        unit_id=page.unit_id,
        form_uuid=form.proof.form_uuid,
        said=said,
        follows=left_about(student, request.scope),
    )
    drafts.finish(proof=form.proof)
    if check_in.withdrawn_at:
        messages.warning(request, _("Avstämningen ångrades förut. Spara igen om den ska finnas."))
        return _kept_for(request, NEW, student, said, "coaching:check_in", student.pk)
    if not said.same_as(Said.of(check_in)):
        messages.warning(
            request,
            _("Avstämningen sparades redan %(time)s, med andra ord. Vill du ändra den till detta?")
            % {"time": clock_time(check_in.written_at)},
        )
        return _kept_for(request, _correction(check_in), student, said, "coaching:correct", check_in.pk)
    return redirect("coaching:saved", check_in.pk)


@keeps_text
def correct(request, pk):
    """Ändra: the same form, filled with what one wrote."""
    check_in = _visible(request, pk)
    access.check_change(request.scope, check_in)
    page = queries.correction_page(check_in, request.scope)
    request.reading.add(check_in.student, page="check_in")
    about = {"page": page, "said": Said.of(check_in)}
    form = written_form(request, CheckInForm, check_in.student, _correction(check_in), **about)
    if not form.is_valid():
        return _form(request, page, form, check_in)
    actions.correct(check_in, by=request.user, said=form.said())
    drafts.finish(proof=form.proof)
    messages.success(request, _("Ändringen är sparad. Den tidigare lydelsen finns kvar."))
    return redirect("coaching:detail", check_in.pk)


@require_GET
def saved(request, pk):
    """Sparat: what was saved, Ångra for ten seconds, and who waits next."""
    check_in = _visible(request, pk)
    access.check_change(request.scope, check_in)
    waiting = queries.next_waiting(request.scope)
    request.reading.add([check_in.student, *([waiting.student] if waiting else [])], page="check_in_saved")
    return render(
        request,
        "coaching/saved.html",
        {
            "shown": queries.shown(check_in, request.scope),
            "next": waiting,
            "undo": access.may_undo(request.scope, check_in),
        },
    )


@require_POST
def undo(request, pk):
    """Ångra: taken back at once; the text waits in the form."""
    check_in = _visible(request, pk)
    if check_in.withdrawn_at is None:
        if not access.may_undo(request.scope, check_in):
            messages.warning(request, _("Det har gått för lång tid. Du kan ändra eller dra tillbaka den."))
            return redirect("coaching:detail", check_in.pk)
        actions.undo(check_in, by=request.user)
        _keep(request, NEW, check_in.student, Said.of(check_in))
        messages.success(request, _("Avstämningen är ångrad. Det du skrev finns kvar här."))
    return redirect("coaching:check_in", check_in.student_id)


@require_GET
def detail(request, pk):
    check_in = _visible(request, pk)
    if check_in.withdrawn_at and not access.can_read_earlier(request.scope, check_in):
        raise Http404
    request.reading.add(check_in.student, page="check_in_detail")
    return render(
        request,
        "coaching/detail.html",
        {
            "shown": queries.shown(check_in, request.scope),
            "may_change": access.can_change(request.scope, check_in),
        },
    )


@keeps_text
def withdraw(request, pk):
    """Dra tillbaka, with a reason."""
    check_in = _visible(request, pk)
    if check_in.withdrawn_by_id == request.user.pk:  # a second tap
        return redirect("coaching:detail", check_in.pk)
    access.check_change(request.scope, check_in)
    request.reading.add(check_in.student, page="check_in_detail")
    form = written_form(request, WithdrawForm, check_in.student, f"take_back_{check_in.pk}")
    if form.is_valid():
        actions.withdraw(check_in, by=request.user, why=form.cleaned_data["why"])
        drafts.finish(proof=form.proof)
        messages.success(request, _("Avstämningen är tillbakadragen."))
        return redirect("coaching:detail", check_in.pk)
    return render(
        request, "coaching/withdraw.html", {"form": form, "shown": queries.shown(check_in, request.scope)}
    )


@require_GET
def check_in_list(request):
    """Avstämningar: my booked ones, those that nothing was written about, and the recent ones."""
    access.check_own_list(request.scope)
    page = queries.list_page(request.scope)
    request.reading.add(page.student_ids, page="check_in_list")
    return render(request, "coaching/list.html", {"page": page})


def _visible(request, pk) -> CheckIn:
    check_ins = CheckIn.objects.visible_to(request.scope).select_related("student", "unit", "by")
    return get_object_or_404(check_ins.annotate(school_class=queries.latest_class("student")), pk=pk)


def _correction(check_in: CheckIn) -> str:
    return f"check_in_{check_in.pk}"


def _form(request, page, form, check_in=None):
    return render(request, "coaching/check_in.html", {"page": page, "form": form, "check_in": check_in})


def _keep(request, form_name: str, student: Student, said: Said) -> None:
    """Puts what was said into a fresh form, as its draft."""
    content = CheckInForm.content_of(said)
    drafts.begin_with(user=request.user, student=student, form=form_name, content=content)


def _kept_for(request, form_name, student, said, url_name, pk):
    _keep(request, form_name, student, said)
    return redirect(url_name, pk)
