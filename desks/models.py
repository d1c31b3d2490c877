"""Vendors, their desks, the people of a desk, and the policies that it answers by.

Policies are read through `desks.queries.config`, cached by `Desk.config_version`: whoever
changes a row of this app through an action raises that version.
"""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor, ActorKind
from desks.models_checklists import Checklist as Checklist
from desks.models_tags import Tag as Tag
from desks.models_tags import Tone as Tone


class Vendor(models.Model):
    """A company that sells invoicing software: the boundary of all data."""

    slug = models.SlugField(max_length=60, unique=True, db_collation="C")
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Trato(models.TextChoices):
    """How the desk addresses its clients."""

    USTED = "usted", _("usted")
    TU = "tu", _("tú")


class DeskQuerySet(models.QuerySet["Desk"]):
    def active(self) -> Self:
        return self.filter(is_active=True, vendor__is_active=True)

    def visible_to(self, actor: Actor) -> Self:
        """Desks that the actor works at; a client sees those of their vendors."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        return self.among(frozenset(actor.desk_roles), actor.vendor_ids)

    def among(self, desk_ids: frozenset[int], vendor_ids: frozenset[int]) -> Self:
        """These desks, and all of these vendors."""
        return self.filter(Q(pk__in=desk_ids) | Q(vendor_id__in=vendor_ids))


class Desk(models.Model):
    """A support operation of a vendor. Two desks differ in rows, never in code."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="desks")
    slug = models.SlugField(max_length=60, unique=True, db_collation="C")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=8, unique=True, db_collation="C")
    trato = models.CharField(max_length=5, choices=Trato, default=Trato.USTED)
    timezone = models.CharField(max_length=64, default="America/Mexico_City")
    email = models.EmailField(db_collation="C")
    channels = ArrayField(models.CharField(max_length=12), default=list)
    support_methods = ArrayField(models.CharField(max_length=12), default=list)
    # The calendar that the routing rule asks (office hours; at a chat desk, chat hours).
    calendar = models.ForeignKey("schedules.BusinessCalendar", on_delete=models.PROTECT, related_name="+", null=True)
    sales_calendar = models.ForeignKey(
        "schedules.BusinessCalendar", on_delete=models.PROTECT, related_name="+", null=True
    )
    rota = models.ForeignKey("schedules.Rota", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    sla_policy = models.ForeignKey("SLAPolicy", on_delete=models.PROTECT, related_name="+", null=True)
    # request_type -> [priority not affected, priority affected]; absent rows take the contract's table.
    routing_table = models.JSONField(default=dict, blank=True)
    # Lists and paragraphs of the desk page (before_calling, when_to_ask, recommendations …).
    texts = models.JSONField(default=dict, blank=True)
    # Overrides of the wording catalogue: key -> sentence.
    wording = models.JSONField(default=dict, blank=True)
    join_minutes = models.PositiveSmallIntegerField(default=60)
    close_after_business_days = models.PositiveSmallIntegerField(default=2)
    tell_clients_from = models.TimeField(default="08:00")
    # Hours without automatic assignment after somebody attended between 23:00 and 06:00; 0: none.
    rest_hours = models.PositiveSmallIntegerField(default=8, db_default=8)
    # Business minutes after which a ticket that its assignee has not taken returns to the line; 0: never.
    take_minutes = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Whether a client goes first to the consultant who attends them most.
    usual_first = models.BooleanField(default=False, db_default=False)
    # Rules and dates of busy days, see `desks.peakdays`.
    peak_days = models.JSONField(default=list, db_default=[], blank=True)
    # How many outages its clients are told of now: with 0 nobody looks for any.
    open_outages = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Whether there is an article that its clients may read (`knowledge`): without one nobody looks for any.
    has_help = models.BooleanField(default=False, db_default=False)
    is_active = models.BooleanField(default=True)
    config_version = models.PositiveIntegerField(default=1)

    objects = DeskQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def has_rota(self) -> bool:
        return self.rota_id is not None


class DeskCounter(models.Model):
    """The last number given of each kind: gap-free, taken as the last lock of a transaction."""

    class Kind(models.TextChoices):
        TICKET = "ticket"
        ORDER = "order"

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="counters")
    kind = models.CharField(max_length=8, choices=Kind)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "kind"], name="one_counter_per_kind"),
        ]


class Availability(models.TextChoices):
    """What a person says of themselves; assignment looks for the available."""

    AVAILABLE = "available", _("available")
    BUSY = "busy", _("busy")
    AWAY = "away", _("away")


class Membership(models.Model):
    """A person at a desk: their roles, their superior, their limit of open tickets."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="memberships")
    roles = ArrayField(models.CharField(max_length=12))
    reports_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    # Slugs of the products that the person knows; empty means all of them.
    skills = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    max_open = models.PositiveSmallIntegerField(default=25)
    availability = models.CharField(max_length=9, choices=Availability, default=Availability.AVAILABLE)
    # The person's own hours, where they are not those of the desk.
    calendar = models.ForeignKey(
        "schedules.BusinessCalendar", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "user"], name="one_membership_per_desk"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=["consultant", "supervisor", "manager", "sales"]) & Q(roles__len__gt=0),
                name="membership_known_roles",
            ),
            models.CheckConstraint(
                condition=Q(reports_to__isnull=True) | ~Q(reports_to=F("id")),
                name="membership_not_own_superior",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.desk}"


class Product(models.Model):
    """A program of the vendor, with the versions that clients can name."""

    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="products")
    slug = models.SlugField(max_length=60, db_collation="C")
    name = models.CharField(max_length=120)
    versions = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "slug"], name="product_slug_per_vendor"),
        ]

    def __str__(self) -> str:
        return self.name


class SLAPolicy(models.Model):
    """A named set of targets; the desk has a default, a plan may have its own."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="sla_policies")
    slug = models.SlugField(max_length=60, db_collation="C")
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "slug"], name="sla_slug_per_desk"),
        ]


class SLATarget(models.Model):
    """Minutes for one priority and one clock; around the clock, or in the desk's hours."""

    policy = models.ForeignKey(SLAPolicy, on_delete=models.CASCADE, related_name="targets")
    priority = models.CharField(max_length=8)
    kind = models.CharField(max_length=14)
    minutes = models.PositiveIntegerField()
    around_the_clock = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "priority", "kind"], name="one_target_per_clock"),
            models.CheckConstraint(condition=Q(minutes__gt=0), name="sla_target_positive"),
            models.CheckConstraint(
                condition=Q(priority__in=["critical", "high", "normal", "low"]), name="sla_target_priority"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["first_response", "next_update", "resolution"]),
                name="sla_target_kind",
            ),
        ]


class Plan(models.Model):
    """What a client bought; prices of remote and phone attention where they cost extra."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="plans")
    slug = models.SlugField(max_length=60, db_collation="C")
    name = models.CharField(max_length=120)
    sla_policy = models.ForeignKey(SLAPolicy, on_delete=models.PROTECT, null=True, blank=True)
    # support_method -> price in MXN before VAT, as a decimal string; absent means included.
    extra_prices = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "slug"], name="plan_slug_per_desk"),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationPolicy(models.Model):
    """A ladder of the desk: the one climbed on call, the one of office hours."""

    class Kind(models.TextChoices):
        ON_CALL = "on_call"
        OFFICE = "office"

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="escalation_policies")
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=120)
    # How long *Enterado* holds while nothing happens on the case, around the clock; 0: for good.
    progress_minutes = models.PositiveSmallIntegerField(default=60, db_default=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "kind"], name="one_ladder_per_kind"),
        ]


class Whom(models.TextChoices):
    """Who a step tells; found when the step fires, so a change of rota is followed."""

    ON_CALL = "on_call", _("on call")
    SUPERIOR = "superior", _("superior")
    MANAGER = "manager", _("manager")
    ROLE = "role", _("everybody with a role")
    USER = "user", _("a person")
    EVERYBODY = "everybody", _("everybody at the desk")


def both_notices() -> list[str]:
    """By mail and on what wakes."""
    return ["mail", "wake"]


class EscalationStep(models.Model):
    """One rung: whom, how long after the rung before, and how often it is repeated.

    On an office ladder `at_percent` counts on the clock that is running out (80 = at 80 %,
    100 = at the breach) and `after_minutes` from there, in the clock of that target.
    """

    policy = models.ForeignKey(EscalationPolicy, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    whom = models.CharField(max_length=9, choices=Whom)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, blank=True)
    role = models.CharField(max_length=12, blank=True, default="", db_default="")
    after_minutes = models.PositiveSmallIntegerField(default=0)
    at_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    takes = models.BooleanField(default=False)
    repeat_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    at_most = models.PositiveSmallIntegerField(default=1)
    # "mail" and "wake"; who has no channel that wakes is told by mail in any case.
    notices = ArrayField(models.CharField(max_length=4), default=both_notices, db_default=["mail", "wake"])

    class Meta:
        ordering = ["policy", "position"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "position"], name="one_step_per_position"),
            models.CheckConstraint(condition=Q(at_most=1) | Q(repeat_minutes__gt=0), name="repetition_has_a_pause"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, whom="user") | Q(user__isnull=True) & ~Q(whom="user"),
                name="a_person_where_named",
            ),
            models.CheckConstraint(
                condition=~Q(role="") & Q(whom="role") | Q(role="") & ~Q(whom="role"), name="a_role_where_named"
            ),
            models.CheckConstraint(
                condition=Q(notices__contained_by=["mail", "wake"]) & Q(notices__len__gt=0),
                name="a_step_tells_somehow",
            ),
        ]


class DeskContact(models.Model):
    """A way to reach the desk: label, number or address, and when it holds."""

    class Kind(models.TextChoices):
        PHONE = "phone"
        WHATSAPP = "whatsapp"
        EMAIL = "email"
        WEB = "web"

    class Purpose(models.TextChoices):
        OFFICE = "office", _("office")
        ON_CALL = "on_call", _("on call")
        HELPDESK = "helpdesk", _("helpdesk")
        MANAGEMENT = "management", _("management")
        SALES = "sales", _("sales")

    class Hours(models.TextChoices):
        OFFICE = "office"
        OUTSIDE = "outside"
        ALWAYS = "always"

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="contacts")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=8, choices=Kind)
    purpose = models.CharField(max_length=10, choices=Purpose)
    address = models.CharField(max_length=120)
    hours = models.CharField(max_length=7, choices=Hours, default=Hours.ALWAYS)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["desk", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "position"], condition=Q(is_active=True), name="one_contact_per_position"
            ),
        ]


class RotaFeed(models.Model):
    """A person's shifts as a calendar under a secret address; only the digest of the secret is kept."""

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "user"], condition=Q(revoked_at=None), name="one_feed_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.desk_id}"


class AbsenceReason(models.TextChoices):
    """Why somebody is absent; read by themselves and who supervises, never on a timeline."""

    VACATION = "vacation", _("vacation")
    SICK = "sick", _("sick leave")
    LEAVE = "leave", _("leave")
    TRAINING = "training", _("training course")
    OTHER = "other", _("another reason")


class Absence(models.Model):
    """Somebody attends nothing in a half-open window: gets no work, and their open work moves at its start.

    Who is on call is another thing (`schedules.Override`): a person may be absent from the office and keep a night.
    """

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="absences")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=8, choices=AbsenceReason)
    # Gets the work first, where they fit; absent too, then theirs in turn.
    substitute = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", null=True)
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_not_empty"),
            models.CheckConstraint(
                condition=Q(substitute__isnull=True) | ~Q(substitute=F("user")), name="nobody_substitutes_themselves"
            ),
        ]
        indexes = [
            models.Index(
                fields=["desk", "starts_at", "id"],
                name="absences_to_come",
                condition=Q(cancelled_at__isnull=True, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.desk_id}"
