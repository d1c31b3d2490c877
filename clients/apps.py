from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    verbose_name = "Clientes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what ends the life of a secret, and what comes before the end of a certificate."""
        from clients import seals, vault
        from schedules import timers

        timers.register(vault.TIMER, vault.expires, lock=vault.lock_owner)
        timers.register(seals.TIMER, seals.expires, lock=seals.lock_owner)
