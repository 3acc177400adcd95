"""Addresses of the accounts. allauth's own names are kept, since it reverses them itself."""

from allauth.account import views as account
from allauth.usersessions import views as sessions
from django.urls import path, re_path

from followup.accounts.views import places, sign_in, users

app_name = "accounts"
urlpatterns = [
    path("demo/", sign_in.demo, name="demo"),
    path("byt/", sign_in.work_as, name="work_as"),
    path("konto/tangenter/", sign_in.keyboard_moves, name="keyboard_moves"),
    path("konto/valkommen/<str:token>/", sign_in.welcome, name="welcome"),
    path("anvandare/", users.users, name="users"),
    path("anvandare/ny/", users.add_user, name="add_user"),
    path("anvandare/bjud-in/", users.invite_all, name="invite_all"),
    path("anvandare/<int:pk>/", users.user, name="user"),
    path("anvandare/<int:pk>/uppgifter/", users.change_user, name="change_user"),
    path("anvandare/<int:pk>/roll/", users.give_role, name="give_role"),
    path("anvandare/<int:pk>/bjud-in/", users.invite, name="invite"),
    path("anvandare/<int:pk>/stang/", users.close_user, name="close_user"),
    path("anvandare/<int:pk>/oppna/", users.open_user, name="open_user"),
    path("roller/<int:pk>/avsluta/", users.end_role, name="end_role"),
    path("skolor/", places.places, name="places"),
    path("skolor/ny/", places.add_unit, name="add_unit"),
    path("skolor/<int:pk>/", places.change_unit, name="change_unit"),
    path("huvudman/ny/", places.add_organiser, name="add_organiser"),
    path("huvudman/<int:pk>/", places.change_organiser, name="change_organiser"),
]

# Nobody signs up, and nobody changes her own e-mail: it comes from the staff file.
allauth_urls = [
    path("logga-in/", account.login, name="account_login"),
    path("logga-ut/", account.logout, name="account_logout"),
    path("losenord/", sign_in.change_password, name="account_change_password"),
    path("losenord/glomt/", sign_in.forgotten, name="account_reset_password"),
    path("losenord/glomt/skickat/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^losenord/nytt/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "losenord/nytt/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("inloggningar/", sessions.list_usersessions, name="usersessions_list"),
]
