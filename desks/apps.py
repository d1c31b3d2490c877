from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "desks"
    default_auto_field = "django.db.models.BigAutoField"
