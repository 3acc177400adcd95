"""Sessions that have ended are erased each night, and with them the last words somebody searched for."""

from celery import shared_task
from django.core.management import call_command


@shared_task
def erase_ended_sessions():
    call_command("clearsessions")
