"""Addresses of the pages that look at the whole."""

from django.urls import path

from followup.boards import views

app_name = "boards"
urlpatterns = [
    path("oversikt/", views.school, name="school"),
    path("drift/", views.system, name="system"),
    path("granskning/", views.trace, name="trace"),
]
