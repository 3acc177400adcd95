"""How allauth behaves here: nobody signs up by herself; accounts come from staff files and invitations."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False
