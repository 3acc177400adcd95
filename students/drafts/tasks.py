"""Old drafts are erased each night."""

from celery import shared_task

from students.drafts import actions


@shared_task
def erase_old_drafts():
    actions.erase_old()
