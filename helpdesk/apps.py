from typing import Any

from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"
    verbose_name = "Helpdesk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bind shared tasks to our Celery application in every process that loads Django."""
        from helpdesk import celery

        celery.app.set_default()

        from django.contrib.auth.signals import user_logged_out

        user_logged_out.connect(_end_streams, dispatch_uid="helpdesk.end_streams")


def _end_streams(user: Any, **_kwargs: Any) -> None:
    """Whoever signs out: their open streams look again whether they may go on."""
    from notifications import live

    if user is not None:
        live.wake(f"user:{user.pk}")
