from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "desks"
    verbose_name = "Mesas"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the sections of a desk's file, in the order in which they are saved, and what its timers mean."""
        from desks.deskfile import checklists, desk, peaks, people, promises, sections, tags, times, words

        for section in (
            desk.SETTINGS,
            times.CALENDARS,
            peaks.PEAKS,
            people.PRODUCTS,
            people.PEOPLE,
            times.ROTAS,
            promises.POLICIES,
            promises.PLANS,
            promises.ROUTING,
            promises.LADDERS,
            words.CONTACTS,
            words.TEXTS,
            words.WORDING,
            tags.TAGS,
            checklists.CHECKLISTS,
            desk.POINTS,
        ):
            sections.register(section)

        from desks import rota_listeners, rota_watch
        from schedules import timers

        timers.register(rota_watch.TIMER, rota_watch.look_due)
        rota_listeners.register("desks", rota_watch.ensure)
