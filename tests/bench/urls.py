"""Every address of Koll, and the two floors: an empty page in the frame, and a bare answer."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

from followup import urls as koll


def empty(request):
    return render(request, "base.html")


def bare(request):
    return HttpResponse("<!doctype html><title>bare</title>")


urlpatterns = [
    path("bench/empty/", empty, name="bench_empty"),
    path("bench/bare/", bare, name="bench_bare"),
    path("", include(koll.urlpatterns)),
]
handler404, handler500 = koll.handler404, koll.handler500
