"""Where open forms send what is being written, and how a form survives that its sign-in has run out."""

from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from followup.words import clock_time
from students.drafts import actions
from students.drafts.proof import FIELD, Proof


@csrf_exempt  # the proof is the token: see Proof
@login_not_required
@require_POST
@sensitive_post_parameters()
def keep_draft(request):
    """Keeps the text in any case, then says who is signed in: the writer (200), nobody (401), another (409).

    A page that comes back into sight only asks who is signed in (`ask`); nothing is kept then.
    """
    proof = Proof.read(request.POST.get(FIELD, ""))
    if proof is None:
        return HttpResponseBadRequest()
    asks = "ask" in request.POST
    kept_at = None if asks else actions.keep(proof=proof, content=actions.written(request.POST))
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    if request.user.pk != proof.user_id:
        return JsonResponse({}, status=409)
    says = _("sparat %(time)s på servern") % {"time": clock_time(kept_at)} if kept_at else ""
    return JsonResponse({"says": says})


def keeps_text(view):
    """For a view whose form carries a proof. The view gets `request.proof`, its own writer's or None.

    Signed out when the form comes: the text becomes the writer's draft, and waits in the form after
    she has signed in. Another is signed in: the same, and that other sees nothing of it.
    """

    @csrf_exempt  # without a proof of hers the view may only show the form again
    @login_not_required
    @sensitive_post_parameters()
    @wraps(view)
    def kept(request, *args, **kwargs):
        proof = Proof.read(request.POST.get(FIELD, "")) if request.method == "POST" else None
        signed_in = request.user.is_authenticated
        if proof and not (signed_in and request.user.pk == proof.user_id):
            actions.keep(proof=proof, content=actions.written(request.POST))
            if signed_in:
                messages.info(
                    request, _("Texten hörde till den som skrev den och väntar på henne eller honom.")
                )
                return redirect("today")
        if not signed_in:
            return redirect_to_login(request.get_full_path())
        request.proof = proof
        try:
            return view(request, *args, **kwargs)
        except Exception:  # a fault of ours, or a pupil who has left her scope while she wrote
            if proof:
                request.text_kept_at = actions.keep(proof=proof, content=actions.written(request.POST))
            raise

    return kept


@require_POST
def throw_away(request):
    """Begin again: the draft is erased, and the form that it stood in opens empty."""
    proof = Proof.read(request.POST.get(FIELD, ""))
    if proof and proof.user_id == request.user.pk:
        actions.finish(proof=proof)
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if ours else "today")


def written_form(request, form_class, student, name: str, **about):
    """A form about one pupil, in a view under `keeps_text`: as posted, else as its draft has it, else empty.

    Bound, so that it can be saved, only with a proof of this writer's for this very form; what is not right
    yet is kept. `about`: what the form class wants to know besides. It may say how a draft is read
    (`written_in`).
    """
    proof = request.proof
    if proof and proof.is_for(user=request.user, student=student, form=name):
        form = form_class(request.POST, **about)
        form.proof = proof
        if not form.is_valid():
            actions.keep(proof=proof, content=actions.written(request.POST))
        return form
    form = begun_form(request, form_class, student, name, **about)
    if request.method == "POST":
        proof, form = form.proof, _filled(form_class, actions.written(request.POST), about)
        form.proof = proof
        messages.warning(
            request, _("Sidan hade legat öppen länge, så inget är sparat än. Läs igenom och spara.")
        )
    return form


def begun_form(request, form_class, student, name: str, **about):
    """The same where it only stands on a page: as its draft has it (`form.begun`), else empty."""
    draft = actions.begun(user=request.user, student=student, form=name)
    form = _filled(form_class, draft.content, about) if draft else form_class(**about)
    form.begun = draft
    form.proof = Proof.fresh(
        user=request.user,
        student=student,
        form=name,
        form_uuid=draft.form_uuid if draft else None,
    )
    return form


def _filled(form_class, content: dict[str, list[str]], about: dict):
    written_in = getattr(form_class, "written_in", _one_value_each)
    return form_class(initial=written_in(content), **about)


def _one_value_each(content: dict[str, list[str]]) -> dict[str, str]:
    return {field: values[-1] for field, values in content.items() if values}
