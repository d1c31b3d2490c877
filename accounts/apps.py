"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Cuentas"

    def ready(self) -> None:
        """Stop the start when a rate is not one: a limit that is misread is worse than none."""
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured

        from accounts.throttling import Rate

        for name, text in settings.RATES.items():
            try:
                Rate.parse(text)
            except ValueError as error:
                raise ImproperlyConfigured(f"RATE_{name.upper()}: {error}") from error
