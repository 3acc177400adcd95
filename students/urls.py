"""Addresses of pupils: ids and classes only."""

from django.urls import path

from students.views import detail, disputes, lists, protection

app_name = "students"
urlpatterns = [
    path("elever/", lists.student_list, name="list"),
    path("elever/skyddade/", protection.protected, name="protected"),
    path("elever/<int:pk>/", detail.student, name="detail"),
    path("elever/<int:pk>/uppgifter/", detail.student_facts, name="facts"),
    path("elever/<int:pk>/tillgang/", detail.who_sees, name="who_sees"),
    path("elever/<int:pk>/stammer-inte/<str:about>/<str:ref>/", disputes.dispute, name="dispute"),
    path("ifragasatt/<int:pk>/", disputes.answer_dispute, name="answer_dispute"),
    path("elever/<int:pk>/skydd/", protection.student_protection, name="protection"),
    path("elever/<int:pk>/skydd/bort/", protection.clear_protection, name="clear_protection"),
    path("elever/<int:pk>/skydd/utse/", protection.name_person, name="name_person"),
    path("elever/<int:pk>/skydd/utsedd/<int:named>/avsluta/", protection.end_named, name="end_named"),
    path("elever/klass/<int:unit>/<path:school_class>/", lists.school_class, name="class"),
]
