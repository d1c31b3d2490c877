from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the timers and the lost notices of tickets mean (architecture, section 2)."""
        self._share_out()
        self._keep_drafts()
        self._follow_plans()
        self._stand_behind()
        self._answer_by_the_book()
        from clients import vault, vaultcases
        from desks import rota_listeners
        from notifications import outcomes
        from schedules import listeners, timers
        from tickets.actions import (
            appointments,
            bookings,
            breaching,
            calls,
            clocks,
            escalation,
            following,
            gathering,
            handing,
            handover,
            ladder,
            lanes,
            losing,
            recompute,
            record,
            reminders,
            resolution,
            silence,
            telling,
            vaultcase,
        )

        timers.register(calls.REMINDER, calls.remind_due, lock=calls.lock_note)
        timers.register(ladder.TIMER, escalation.step_due, lock=record.lock_owner)
        timers.register(ladder.PATIENCE, escalation.patience_due, lock=record.lock_owner)
        timers.register(clocks.TIMER, breaching.clock_step_due, lock=record.lock_owner)
        timers.register(gathering.TIMER, following.report_due, lock=record.lock_owner)
        timers.register(lanes.OPENING, lanes.opening_due, lock=record.lock_owner)
        timers.register(lanes.CLOSING, lanes.closing_due, lock=record.lock_owner)
        timers.register(lanes.DEADLINE, lanes.deadline_due, lock=record.lock_owner)
        timers.register(silence.TIMER, resolution.auto_close_due, lock=record.lock_owner)
        timers.register(recompute.TIMER, recompute.batch_due, lock=recompute.lock_batch)
        listeners.register("tickets", moved=recompute.moved, saved=recompute.begin)
        timers.register(handover.ASK, handover.ask_due)
        timers.register(handover.TURN, handover.turn_due)
        timers.register(handover.LATE, handover.late_due)
        timers.register(handing.CASE, handing.case_due, lock=record.lock_owner)
        timers.register(handing.MORNING, handing.morning_due, lock=record.lock_owner)
        timers.register(reminders.TIMER, reminders.due, lock=record.lock_owner)
        timers.register(bookings.REMIND, appointments.remind_due, lock=record.lock_owner)
        timers.register(bookings.RELEASE, appointments.release_due, lock=record.lock_owner)
        rota_listeners.register("tickets", handover.ensure)
        vaultcases.register(vaultcase.KIND, read=vaultcase.read, opened=vaultcase.opened, lock=vaultcase.lock)
        outcomes.register(telling.VAULT_TEMPLATE, on_delivered=vault.forget_link)
        outcomes.register(telling.LADDER_TEMPLATE, on_bounced=losing.notice_is_lost, on_dead=losing.notice_is_lost)

    def _answer_by_the_book(self) -> None:
        """Add the canned answers to a desk's file, and to what can be put into a reply."""
        from desks.deskfile import sections
        from tickets import deskfile, inserting
        from tickets.actions import canned_pieces

        sections.register(deskfile.CANNED)
        inserting.register(canned_pieces.KIND)

    def _keep_drafts(self) -> None:
        """Say when a reply leaves, and that drafts are sealed with the keys of the vault."""
        from clients import rotation
        from schedules import timers
        from tickets.actions import draftkeys, leaving, record

        timers.register(leaving.TIMER, leaving.leave_due, lock=record.lock_owner)
        rotation.register("drafts", draftkeys.reseal)

    def _follow_plans(self) -> None:
        """Say what another contract of a company means for its open tickets."""
        from clients import planlisteners
        from schedules import timers
        from tickets.actions import plans

        timers.register(plans.TIMER, plans.plan_due, lock=plans.lock)
        planlisteners.register("tickets", plans.changed)

    def _stand_behind(self) -> None:
        """Say which tickets stand behind an article, and how one gets into a reply."""
        from knowledge import backing
        from tickets import inserting
        from tickets.actions import article_pieces
        from tickets.queries import articles

        for kind in article_pieces.KINDS:
            inserting.register(kind)
        backing.register("tickets", tickets=articles.behind, replaced=articles.replaced)

    def _share_out(self) -> None:
        """Say what the timers of assignment mean: what nobody took, who is away, what is to be classified."""
        from schedules import timers
        from tickets.actions import absences, classifying, holding, record, untaken

        timers.register(classifying.TIMER, classifying.due, lock=record.lock_owner)
        timers.register(holding.TAKE, untaken.take_due, lock=record.lock_owner)
        timers.register(holding.LINE, untaken.line_due, lock=record.lock_owner)
        timers.register(absences.START, absences.start_due)
        timers.register(absences.END, absences.end_due)
        timers.register(absences.OUT, absences.out_due, lock=record.lock_owner)
        timers.register(absences.BACK, absences.back_due, lock=record.lock_owner)
