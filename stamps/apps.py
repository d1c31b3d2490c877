from django.apps import AppConfig


class StampsConfig(AppConfig):
    name = "stamps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the section of a desk's file that tells how it sells stamps, and orders as cases of the vault."""
        from desks.deskfile import sections
        from stamps import deskfile

        sections.register(deskfile.STAMPS)

        from clients import vault, vaultcases
        from notifications import outcomes
        from stamps.actions import telling, vaultcase

        vaultcases.register(vaultcase.KIND, read=vaultcase.read, opened=vaultcase.opened, lock=vaultcase.lock)
        outcomes.register(telling.VAULT_TEMPLATE, on_delivered=vault.forget_link)
