from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "followup"

    def ready(self):
        from followup import celery  # noqa: F401  every process sends its tasks through the one application
