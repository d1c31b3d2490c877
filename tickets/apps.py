from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the timers and the lost notices of tickets mean (architecture, section 2)."""
        from notifications import outcomes
        from schedules import listeners, timers
        from tickets.actions import clocks, escalation, ladder, lanes, recompute, record, resolution, telling

        timers.register(ladder.TIMER, escalation.step_due, lock=record.lock_owner)
        timers.register(clocks.TIMER, escalation.clock_step_due, lock=record.lock_owner)
        timers.register(lanes.OPENING, lanes.opening_due, lock=record.lock_owner)
        timers.register(lanes.CLOSING, lanes.closing_due, lock=record.lock_owner)
        timers.register(resolution.AUTO_CLOSE, resolution.auto_close_due, lock=record.lock_owner)
        timers.register(recompute.TIMER, recompute.batch_due, lock=recompute.lock_batch)
        listeners.register("tickets", moved=recompute.moved, saved=recompute.begin)
        outcomes.register(
            telling.LADDER_TEMPLATE, on_bounced=escalation.notice_is_lost, on_dead=escalation.notice_is_lost
        )
