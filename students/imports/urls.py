"""Addresses of the import pages: ids only."""

from django.urls import path

from . import views

app_name = "imports"
urlpatterns = [
    path("", views.imports, name="list"),
    path("filer/", views.formats, name="formats"),
    path("filer/<str:code>.csv", views.empty, name="empty"),
    path("<int:upload_id>/", views.upload, name="upload"),
    path("<int:upload_id>/las-in/", views.run, name="run"),
    path("fil/<int:batch_id>/", views.batch, name="batch"),
    path("fil/<int:batch_id>/stoppade/", views.refused, name="refused"),
    path("fil/<int:batch_id>/slapp/", views.release, name="release"),
    path("fil/<int:batch_id>/igen/", views.again, name="again"),
    path("fil/<int:batch_id>/stryk/", views.discard, name="discard"),
    path("fil/<int:batch_id>/kolumner/", views.columns, name="columns"),
    path("fil/<int:batch_id>/omfattning/", views.whole, name="whole"),
    path("stoppad/<int:refusal_id>/", views.settle, name="settle"),
]
