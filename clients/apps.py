from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what ends the life of a secret."""
        from clients import vault
        from schedules import timers

        timers.register(vault.TIMER, vault.expires, lock=vault.lock_owner)
