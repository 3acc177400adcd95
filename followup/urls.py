"""Every address, room by room. None of them ever holds a name or a number of a person."""

from django.conf import settings
from django.urls import include, path

from followup import pages
from followup.accounts.urls import allauth_urls
from followup.boards.views import today
from students.views.lists import search

urlpatterns = [
    path("", today, name="today"),
    path("", include("followup.risk.urls")),
    path("elever/sok/", search, name="student_search"),
    path("", include("students.urls")),
    path("", include("followup.coaching.urls")),
    path("", include("students.drafts.urls")),
    path("", include("followup.accounts.urls")),
    path("", include("followup.boards.urls")),
    path("inlasning/", include("students.imports.urls")),
    path("konto/", include(allauth_urls)),
    path("sprak/", include("django.conf.urls.i18n")),
    path("tillganglighet/", pages.accessibility, name="accessibility"),
    path("kakor/", pages.cookies, name="cookies"),
]
if settings.DEBUG or settings.TESTING:
    from followup import gallery

    urlpatterns += [path("komponenter/", gallery.components, name="components")]

handler400 = "followup.errors.bad_request"
handler403 = "followup.errors.permission_denied"
handler404 = "followup.errors.page_not_found"
handler429 = "followup.errors.too_many_requests"
handler500 = "followup.errors.server_error"
