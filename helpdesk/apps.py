from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
    verbose_name = "Helpdesk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind shared tasks to our Celery application in every process that loads Django."""
        from helpdesk import celery

        celery.app.set_default()
