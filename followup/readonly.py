"""Pages cannot write: a GET runs in a read-only transaction, so that opening a link changes nothing."""

from django.conf import settings
from django.db import connection, transaction

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def may_write(view):
    """For the few GET views that must write (none of ours so far; allauth's are exempt by path)."""
    view.may_write = True
    return view


class ReadOnlyMiddleware:
    """Last in the list, so that it wraps the view and the rendering of its template alone."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        exempt = getattr(view, "may_write", False) or view.__module__.startswith("allauth.")
        static = request.path.startswith(settings.STATIC_URL)
        if request.method not in SAFE_METHODS or exempt or static:
            return None
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            response = view(request, *args, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        return response
