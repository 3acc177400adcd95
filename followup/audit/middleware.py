"""Every reading of a pupil leaves a row before the answer leaves the house; no row, no answer."""

import structlog

from followup.audit.actions import record
from followup.audit.models import Reading

LARGEST = 2**63 - 1  # what the database holds as an id; an address may ask for more


class ReadingLog:
    """What one request has shown. Views call `add`; the middleware writes one row at the end."""

    def __init__(self):
        self.student_ids: set[int] = set()
        self.page = ""
        self.reason = ""
        self.request_id = ""

    def add(self, students, *, page: str, reason: str = "") -> None:
        """Notes pupils (objects or ids; one or many) as shown on `page`."""
        if not isinstance(students, list | tuple | set):
            students = [students] if isinstance(students, int) or hasattr(students, "pk") else list(students)
        self.student_ids.update(getattr(student, "pk", student) for student in students)
        self.page = page
        self.reason = self.reason or reason
        self.request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]

    def write(self, request) -> None:
        scope = request.scope
        Reading.objects.create(
            by_id=request.user.pk,
            duty=scope.duty if scope else "",
            organiser_id=scope.organiser_id if scope else None,
            page=self.page,
            reason=self.reason,
            student_ids=sorted(self.student_ids),
            request_id=self.request_id,
        )


class ReadingMiddleware:
    """Outside the read-only transaction of the view: the row is committed by itself, then the answer goes.

    Fails closed: if the row cannot be written, the error reaches the 500 page and nothing is shown.
    Pages about persons are never stored by browsers or proxies on the way.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.reading = ReadingLog()
        response = self.get_response(request)
        if getattr(request, "user", None) and request.user.is_authenticated:
            if response.status_code in (403, 404):
                _record_refusal(request, response.status_code)  # nothing was shown, but somebody tried
            elif request.reading.page:
                request.reading.write(request)
            response.headers.setdefault("Cache-Control", "no-store, private")
        return response


def _record_refusal(request, status: int) -> None:
    """Somebody asked for what is not hers: by an address typed by hand, or a link from a colleague."""
    asked = request.resolver_match
    fresh = getattr(request, "csrf_processing_done", False)  # an old tab after a new sign-in is no attempt
    if not (asked and asked.kwargs and fresh):
        return
    about_student = request.path.startswith("/elever/")
    ids = {name: value for name, value in asked.kwargs.items() if isinstance(value, int) and value <= LARGEST}
    record(
        "audit.refuse",
        by=request.user,
        student_id=ids.get("pk") if about_student else None,
        organiser_id=request.scope.organiser_id if request.scope else None,
        duty=request.scope.duty if request.scope else "",
        page=asked.view_name,
        status=status,
        ids=ids,
    )
