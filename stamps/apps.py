from django.apps import AppConfig


class StampsConfig(AppConfig):
    name = "stamps"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the section of a desk's file that tells how it sells stamps."""
        from desks.deskfile import sections
        from stamps import deskfile

        sections.register(deskfile.STAMPS)
