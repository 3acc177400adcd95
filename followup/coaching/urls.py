from django.urls import path

from followup.coaching import views

app_name = "coaching"
urlpatterns = [
    path("elever/<int:pk>/avstamning/", views.check_in, name="check_in"),
    path("avstamningar/", views.check_in_list, name="list"),
    path("avstamningar/<int:pk>/", views.detail, name="detail"),
    path("avstamningar/<int:pk>/sparad/", views.saved, name="saved"),
    path("avstamningar/<int:pk>/angra/", views.undo, name="undo"),
    path("avstamningar/<int:pk>/andra/", views.correct, name="correct"),
    path("avstamningar/<int:pk>/dra-tillbaka/", views.withdraw, name="withdraw"),
]
