from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class FollowupConfig(AppConfig):
    name = "followup"

    def ready(self):
        from followup import celery  # noqa: F401  every process sends its tasks through the one application


class OnlyWhatIsUsed(StaticFilesConfig):
    """Collects of the wheels' files only those that a page loads: the rest takes half a minute to compress."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "bootstrap-*",
        "bootstrap.rtl*",
        "bootstrap.css*",
        "bootstrap.js*",
        "bootstrap.min.js*",
        "bootstrap.esm*",
        "bootstrap.bundle.js*",
        "htmx-2.js",
        "htmx-4*",
        "htmax-*",
        "django_htmx/ext/*",
        "mfa/*",
    ]
