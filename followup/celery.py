"""The worker's application, and the timetable: what happens by itself, and when.

Times are Swedish. A night that was missed is caught up by the scan itself, and a night that is started
twice does its work once, so the timetable needs no memory in the database.
"""

import os

from celery import Celery
from celery.beat import PersistentScheduler
from celery.signals import heartbeat_sent
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "followup.settings")

app = Celery("followup")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


class Timekeeper(PersistentScheduler):
    """Beat, which also says that it lives."""

    def tick(self, *args, **kwargs):
        from followup.health import sign_of_life

        sign_of_life("beat")
        return super().tick(*args, **kwargs)


@heartbeat_sent.connect
def _worker_lives(**_kwargs):
    from followup.health import sign_of_life

    sign_of_life("worker")
