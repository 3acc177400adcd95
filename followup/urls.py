"""Every address, room by room. None of them ever holds a name or a number of a person."""

from django.urls import include, path

urlpatterns = [
    path("konto/", include("allauth.urls")),
]
