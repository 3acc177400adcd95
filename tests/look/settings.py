"""The settings of `make look`: as in production, with static files straight from their folders."""

from followup.settings import *  # noqa: F403
from followup.settings import STORAGES

ALLOWED_HOSTS = ["*"]
WHITENOISE_USE_FINDERS = True
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
