from django.apps import AppConfig


class StampsConfig(AppConfig):
    name = "stamps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add how a desk sells to its file, orders to the cases of the vault, and say what timers mean."""
        from desks.deskfile import sections
        from stamps import deskfile

        sections.register(deskfile.STAMPS)

        from clients import vault, vaultcases
        from notifications import outcomes
        from stamps.actions import telling, vaultcase

        vaultcases.register(vaultcase.KIND, read=vaultcase.read, opened=vaultcase.opened, lock=vaultcase.lock)
        outcomes.register(telling.VAULT_TEMPLATE, on_delivered=vault.forget_link)

        from schedules import sweeps, timers
        from stamps.actions import batches, importing, sweeping

        timers.register(batches.TIMER, batches.expiry_due, lock=batches.lock_account)
        timers.register(importing.TIMER, importing.batch_due, lock=importing.lock_import)
        sweeps.register("stamps", sweeping.sweep)
