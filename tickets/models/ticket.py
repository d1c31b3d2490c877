"""The incident itself: who asked what, where it stands, what expires first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField

from core.actor import Actor, Reach
from desks.tags import MAX_NAME
from tickets import lifecycle
from tickets.lifecycle import Channel, DeadlineKind, Impact, Lane, Priority, RequestType, Status, SupportMethod

# Sorts behind everything that has a due instant; keys of a keyset are never null.
NEVER: Final = datetime(9000, 1, 1, tzinfo=UTC)

_OPEN = sorted(lifecycle.OPEN)
_SETTLED = sorted(lifecycle.SETTLED)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, actor: Actor) -> Self:
        """What the actor may read: a desk's people its tickets; a client their company's or their own."""
        return self.within(actor.reach)

    def within(self, reach: Reach) -> Self:
        """What a reach holds."""
        if reach.everything:
            return self
        if reach.ticket_id is not None:
            return self.filter(pk=reach.ticket_id)
        mine = Q(desk_id__in=reach.desk_ids)
        if reach.client_ids or reach.contact_ids or not reach.desk_ids:
            mine |= Q(client_id__in=reach.client_ids) | Q(requester_id__in=reach.contact_ids)
        return self.filter(mine)

    def active(self) -> Self:
        """Tickets that somebody still has to do something about."""
        return self.filter(status__in=_OPEN)

    def with_people(self) -> Self:
        """With the rows that every screen shows beside the ticket."""
        return self.select_related("desk", "client", "assignee", "requester", "product")


class Ticket(models.Model):
    """One request, however it came in. States change only in `tickets.actions`."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="tickets")
    counter = models.PositiveBigIntegerField()
    number = models.CharField(max_length=24, unique=True, db_collation="C")

    status = models.CharField(max_length=20, choices=Status, default=Status.NEW)
    lane = models.CharField(max_length=8, choices=Lane)
    priority = models.CharField(max_length=8, choices=Priority)
    priority_rank = models.PositiveSmallIntegerField()

    request_type = models.CharField(max_length=24, choices=RequestType)
    affects_operation = models.BooleanField()
    impact = models.CharField(max_length=8, choices=Impact, blank=True)
    channel = models.CharField(max_length=8, choices=Channel)
    support_method = models.CharField(max_length=8, choices=SupportMethod, blank=True)
    subject = models.CharField(max_length=200)
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, null=True, related_name="+")
    product_version = models.CharField(max_length=60, blank=True)
    # The description stayed vague after two lessons, or an outage let it through.
    vague = models.BooleanField(default=False)

    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="tickets")
    # What an unsigned RFC points at: a proposal that only staff see and accept.
    proposed_client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+")
    client_rfc = models.CharField(max_length=13, blank=True, db_collation="C")
    rfc_flag = models.CharField(max_length=12, blank=True)
    branch = models.ForeignKey("clients.Branch", on_delete=models.PROTECT, null=True, related_name="+")
    requester = models.ForeignKey("clients.Contact", on_delete=models.PROTECT, related_name="tickets")
    requester_name = models.CharField(max_length=160)
    requester_email = models.EmailField(blank=True, db_collation="C")
    requester_phone = PhoneNumberField(blank=True, region="MX")
    assignee = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="assigned_tickets")

    # What the people say happened (`opened_at` is the start of the case) and when we wrote it down.
    opened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    occurred_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(help_text="When attention begins: at once, or the next opening.")
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Local date of the desk when the row was written: what reports group by.
    opened_on = models.DateField()
    deadline_at = models.DateTimeField(null=True)
    # What falls due then, where the client said so: it names the deadline and decides nothing.
    deadline_kind = models.CharField(max_length=10, choices=DeadlineKind, blank=True, db_default="")

    # The clock that expires first and is not paused; NEVER when there is none.
    sort_due_at = models.DateTimeField(default=NEVER)
    sort_due_kind = models.CharField(max_length=14, blank=True)
    sort_due_target = models.PositiveIntegerField(default=0)
    last_activity_at = models.DateTimeField()
    # "client" when the last public word is theirs.
    last_word = models.CharField(max_length=6, blank=True)
    last_seq = models.PositiveIntegerField(default=0)

    # Badges, not states: set while they hold.
    escalated_at = models.DateTimeField(null=True)
    reopened_at = models.DateTimeField(null=True)
    contested_at = models.DateTimeField(null=True)
    # Start of the appointment that is booked or being attended: says whether there is one to read.
    appointment_at = models.DateTimeField(null=True)
    # By when somebody has to say what it is, while that is open: of `unsure`, and of who asks for their executive.
    classify_by = models.DateTimeField(null=True)
    executive_asked_at = models.DateTimeField(null=True)
    executive_answered_at = models.DateTimeField(null=True)
    waiting_reason = models.CharField(max_length=500, blank=True)
    waiting_who = models.CharField(max_length=160, blank=True)

    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged_tickets")
    status_before_merge = models.CharField(max_length=20, choices=Status, blank=True)
    # Since when drafts, or replies on their way, hang on it; null: there are none to look for.
    drafts_since = models.DateTimeField(null=True)
    # When something was first asked for or kept in the vault; null: there is nothing to look for there.
    vault_since = models.DateTimeField(null=True)
    # When the first code, folio fiscal or document was recognised; null: there is none to look for.
    codes_since = models.DateTimeField(null=True)
    # When payroll came in: its files are for who has the case and those above them.
    reserved_at = models.DateTimeField(null=True)

    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="follow_ups")

    # How many third parties were ever proposed: pages ask for them only where there are any.
    n_third_parties = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The case under which the reports of one outage are gathered: answered and solved together.
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    # Reports are, or were, gathered under this one.
    leads = models.BooleanField(default=False, db_default=False)
    # Opened by ourselves: no client waits for it, so none is told.
    ours = models.BooleanField(default=False, db_default=False)

    # Slugs of the desk's vocabulary, in the order in which they were added; clients never see them.
    tags = ArrayField(models.CharField(max_length=MAX_NAME), default=list, db_default=[], blank=True)
    # What is written down about cases like this; many tickets may stand behind one.
    article = models.ForeignKey(
        "knowledge.Article", on_delete=models.PROTECT, null=True, related_name="tickets", db_index=False
    )

    # The ticket that what it is about was taken out of (`tickets.models.split`).
    split_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    # Kept counts of what stands on the page's own section, so that nothing is read where there is nothing.
    n_watchers = models.PositiveSmallIntegerField(default=0, db_default=0)
    checklist_done = models.PositiveSmallIntegerField(default=0, db_default=0)
    checklist_total = models.PositiveSmallIntegerField(default=0, db_default=0)
    minutes_worked = models.PositiveIntegerField(default=0, db_default=0)

    # Raised by every change: what a page was drawn from, what a writer saw.
    version = models.PositiveIntegerField(default=1)
    # Raising it revokes every signed link that is out.
    link_version = models.PositiveIntegerField(default=1)
    # The form's own key: a button pressed twice files once.
    intake_key = models.UUIDField(null=True, unique=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "counter"], name="ticket_counter_per_desk"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=False, status__in=_SETTLED)
                | Q(resolved_at__isnull=True) & ~Q(status__in=_SETTLED),
                name="resolved_at_while_settled",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, status=Status.CLOSED)
                | Q(closed_at__isnull=True) & ~Q(status=Status.CLOSED),
                name="closed_at_when_closed",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=False, status=Status.MERGED)
                | Q(merged_into__isnull=True) & ~Q(status=Status.MERGED),
                name="merged_into_when_merged",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.ASSIGNED, Status.IN_PROGRESS]) | Q(assignee__isnull=False),
                name="somebody_has_it",
            ),
            models.CheckConstraint(
                condition=~Q(requester_email="") | ~Q(requester_phone=""), name="requester_reachable"
            ),
            models.CheckConstraint(
                condition=Q(request_type="system_down", affects_operation=True) | ~Q(request_type="system_down"),
                name="an_outage_affects_operation",
            ),
            models.CheckConstraint(
                condition=Q(priority="critical", priority_rank=0)
                | Q(priority="high", priority_rank=1)
                | Q(priority="normal", priority_rank=2)
                | Q(priority="low", priority_rank=3),
                name="priority_rank_agrees",
            ),
        ]
        indexes = [
            models.Index(fields=["article", "-id"], name="tickets_of_article", condition=Q(article__isnull=False)),
            models.Index(
                fields=["desk", "sort_due_at", "priority_rank", "id"],
                name="queue_by_due",
                condition=Q(status__in=_OPEN),
            ),
            models.Index(
                fields=["desk", "priority_rank", "sort_due_at", "id"],
                name="queue_by_priority",
                condition=Q(status__in=_OPEN),
            ),
            models.Index(
                fields=["assignee", "sort_due_at", "priority_rank", "id"],
                name="queue_of_person",
                condition=Q(status__in=_OPEN),
            ),
            models.Index(fields=["desk", "-opened_at", "-id"], name="ticket_by_opening"),
            models.Index(fields=["desk", "-last_activity_at", "-id"], name="ticket_by_activity"),
            models.Index(fields=["client", "-opened_at", "-id"], name="ticket_of_client"),
            models.Index(fields=["requester", "-opened_at", "-id"], name="ticket_of_requester"),
            models.Index(
                fields=["desk", "status", "-opened_at", "-id"],
                name="ticket_by_status",
            ),
            GinIndex(fields=["tags"], name="ticket_tags", condition=~Q(tags=[])),
            models.Index(
                fields=["desk", "id"],
                name="ticket_escalated",
                condition=Q(escalated_at__isnull=False, status__in=_OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def is_open(self) -> bool:
        return self.status in lifecycle.OPEN
