from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "followup.boards"
    label = "boards"
    verbose_name = "översikter"
