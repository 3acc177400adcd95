"""The registrar's pages: drop the files, see what would change, read them in, keep the report."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from followup.accounts.models import SchoolUnit
from followup.accounts.permissions import Permission
from students.models.student import Student

from . import access, actions, queries, tasks
from .described import described, empty_file
from .forms import ColumnsForm, KindForm, UploadForm, WholeForm
from .headings import nearest
from .kinds import KINDS
from .models import Batch, Refusal, Upload
from .refused import CONTENT_TYPE, refused_file


@require_http_methods(["GET", "POST"])
def imports(request):
    """Drop the files here; below, everything that has been read in."""
    access.check_import(request.scope)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = actions.receive(
            files=form.cleaned_data["files"],
            source=form.cleaned_data["source"],
            by=request.user,
            scope=request.scope,
        )
        _queue(request, tasks.plan_upload, upload)
        return redirect("imports:upload", upload.pk)
    page = queries.list_page(request.scope, request.GET.get("sida", 1))
    return render(request, "students/imports/list.html", {"form": form, "page": page})


def _queue(request, task, upload: Upload) -> None:
    if not tasks.queue(task, upload.pk):
        messages.warning(
            request,
            _("Filerna är sparade, men kön svarar inte just nu. De läses in så snart den gör det.")
            if task is tasks.run_upload
            else _("Filerna är sparade, men kön svarar inte just nu. De granskas så snart den gör det."),
        )


def _upload(request, upload_id: int) -> Upload:
    access.check_import(request.scope)
    return get_object_or_404(Upload.objects.visible_to(request.scope).select_related("by"), pk=upload_id)


def _batch(request, batch_id: int, *, with_file: bool = False) -> Batch:
    access.check_import(request.scope)
    batches = Batch.objects.visible_to(request.scope).select_related("file__upload", "by", "released_by")
    if with_file:  # what was read in at the command line has none here
        batches = batches.exclude(file=None)
    return get_object_or_404(batches, pk=batch_id)


def _changed(request, change, batch: Batch, **values) -> bool:
    """Whether it could be done; somebody may have read the file in, or struck it, since the page was opened."""
    try:
        change(batch=batch, by=request.user, **values)
    except ValidationError as refused:
        messages.info(request, refused.messages[0])
        return False
    return True


@require_GET
def formats(request):
    """Så ska filerna se ut: kind by kind, column by column."""
    access.check_import(request.scope)
    units = queries.own_units(request.scope)
    context = {"kinds": described(units[0] if units else None), "units": units}
    return render(request, "students/imports/formats.html", context)


@require_GET
def empty(request, code: str):
    """A file with the headings alone, to fill in."""
    access.check_import(request.scope)
    if code not in KINDS:
        raise Http404
    answer = HttpResponse(empty_file(KINDS[code]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{code}.csv"'
    return answer


@require_GET
def upload(request, upload_id: int):
    """The files that came together: what each is and would do. Asked again by itself while something is done."""
    page = queries.upload_page(_upload(request, upload_id), request.scope)
    if page.students:
        request.reading.add(page.students, page="imports:upload")
    template = "_upload.html" if request.htmx else "upload.html"
    return render(request, f"students/imports/{template}", {"page": page})


@require_POST
def run(request, upload_id: int):
    found = _upload(request, upload_id)
    count = actions.request_run(upload=found, by=request.user)
    if count:
        _queue(request, tasks.run_upload, found)
    else:
        messages.info(request, _("Det fanns inget att läsa in."))
    return redirect("imports:upload", found.pk)


@require_GET
def batch(request, batch_id: int):
    """One file: what it would do or did, every refused row, and how its headings were read."""
    found = _batch(request, batch_id)
    card = queries.file_page(found, request.scope, request.GET.get("sida", 1))
    if card.students:
        request.reading.add(card.students, page="imports:batch")
    context = {
        "card": card,
        "headings": queries.heading_rows(found),
        "own": queries.is_own(found, request.user),
    }
    return render(request, "students/imports/batch.html", context)


@require_GET
def refused(request, batch_id: int):
    """The refused rows as a file, ready to mend and send again."""
    found = _batch(request, batch_id)
    request.reading.add(queries.pupils_in(found, request.scope), page="imports:refused", reason="export")
    response = HttpResponse(refused_file(found, request.scope), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = (
        f'attachment; filename="stoppade-{found.kind or "rader"}-{found.pk}.xlsx"'
    )
    return response


@require_POST
def release(request, batch_id: int):
    found = _batch(request, batch_id, with_file=True)
    if found.is_held and _changed(request, actions.release, found):
        _queue(request, tasks.run_upload, found.file.upload)
    return redirect(queries.page_of(found, request.user))


@require_POST
def again(request, batch_id: int):
    found = _batch(request, batch_id, with_file=True)
    actions.mark_interrupted()
    if _changed(request, actions.try_again, found):
        _queue(request, tasks.plan_upload, found.file.upload)
    return redirect(queries.page_of(found, request.user))


@require_POST
def discard(request, batch_id: int):
    found = _batch(request, batch_id, with_file=True)
    if _changed(request, actions.discard, found):
        messages.success(request, _("Filen är struken. Inget lästes in."))
    return redirect(queries.page_of(found, request.user))


@require_http_methods(["GET", "POST"])
def columns(request, batch_id: int):
    """A person says what the file is and which column is which, beside its first ten rows."""
    found = _batch(request, batch_id, with_file=True)
    headings = found.columns.get("headings", [])
    code = request.POST.get("slag") or request.GET.get("slag") or found.kind
    kind = KINDS.get(code) or nearest(headings)
    form = ColumnsForm(found, kind, request.POST or None) if kind else None
    if request.method == "POST" and form and form.is_valid():
        if _changed(request, actions.choose_columns, found, kind=kind, columns=form.cleaned_data["columns"]):
            _queue(request, tasks.plan_upload, found.file.upload)
            messages.success(request, _("Valet är sparat och används nästa gång filen har samma rubriker."))
        return redirect(queries.page_of(found, request.user))
    ten = queries.ten_rows(found, request.scope)
    seen = queries.pupils_among((cell for row in ten for cell in row), request.scope)
    request.reading.add(seen, page="imports:columns")
    context = {
        "batch": found,
        "form": form,
        "kind_form": KindForm(initial={"slag": kind.code if kind else ""}),
        "headings": headings,
        "rows": ten,
        "back_url": queries.page_of(found, request.user),
    }
    return render(request, "students/imports/columns.html", context)


@require_http_methods(["GET", "POST"])
def whole(request, batch_id: int):
    """A person says for which schools and days the file is whole."""
    found = _batch(request, batch_id, with_file=True)
    units = SchoolUnit.objects.filter(pk__in=request.scope.units_where(Permission.IMPORT_FILES))
    form = WholeForm(found, units, request.POST or None)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        if _changed(
            request,
            actions.choose_whole,
            found,
            unit_ids=[unit.pk for unit in chosen["units"]],
            first=chosen.get("first"),
            last=chosen.get("last"),
        ):
            _queue(request, tasks.plan_upload, found.file.upload)
        return redirect(queries.page_of(found, request.user))
    context = {"batch": found, "form": form, "back_url": queries.page_of(found, request.user)}
    return render(request, "students/imports/whole.html", context)


@require_POST
def settle(request, refusal_id: int):
    """A known number with both names new: the same pupil, or somebody else; only of a pupil whom one sees."""
    access.check_import(request.scope)
    refusal = get_object_or_404(
        Refusal.objects.select_related("batch").filter(
            batch__in=Batch.objects.visible_to(request.scope), code="names_changed", settled_at=None
        ),
        pk=refusal_id,
    )
    student = get_object_or_404(Student.objects.visible_to(request.scope), pk=refusal.params["student"])
    request.reading.add(student, page="imports:batch")
    same = request.POST.get("same") == "yes"
    actions.settle_names(refusal=refusal, same=same, by=request.user)
    messages.success(
        request,
        _("Namnet är ändrat.") if same else _("Eleven behåller sitt namn. Rätta numret i skolans system."),
    )
    return redirect("imports:batch", refusal.batch_id)
