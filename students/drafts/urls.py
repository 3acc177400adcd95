from django.urls import path

from students.drafts import views

app_name = "drafts"
urlpatterns = [
    path("utkast/", views.keep_draft, name="keep"),
    path("utkast/kasta/", views.throw_away, name="throw_away"),
]
