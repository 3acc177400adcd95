"""Where people act on flags. Ids only: an address ends up in logs and histories."""

from django.urls import path

from followup.risk.views import decisions, flags, waiting

app_name = "risk"

urlpatterns = [
    path("vantelista/", waiting.waiting_list, name="waiting_list"),
    path("vantelista/skanna/", waiting.scan_now, name="scan_now"),
    path("elever/<int:pk>/beslut/", decisions.decide, name="decide"),
    path("flaggor/<int:pk>/", flags.flag, name="flag"),
    path("flaggor/<int:pk>/ta/", flags.take, name="take"),
    path("flaggor/<int:pk>/lamna/", flags.give_back, name="give_back"),
    path("beslut/", decisions.decisions, name="decisions"),
    path("beslut/<int:pk>/", decisions.decision, name="decision"),
    path("beslut/<int:pk>/bekrafta/", decisions.confirm, name="confirm"),
    path("beslut/<int:pk>/ratta/", decisions.correct, name="correct"),
    path("beslut/<int:pk>/dra-tillbaka/", decisions.withdraw, name="withdraw"),
    path("beslut/<int:pk>/angra/", decisions.undo, name="undo"),
    path("beslut/<int:pk>/uppfoljning/", decisions.follow_up, name="follow_up"),
]
