from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "followup.risk"
    label = "risk"
    verbose_name = "koll"
