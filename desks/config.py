"""A desk's configuration as plain values: what its people, policies and texts say, without rows.

Built by `desks.queries.config` and shared between requests, so nothing here can change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from core.actor import SUPERVISING, TICKET_ROLES
from core.wording import Wording, say
from desks.peakdays import Rule as PeakRule
from schedules import routing

# Data of the desk; what it does not say is the contract's table (section 4).
ROUTING_TABLE: Final = routing.TABLE
REQUEST_TYPES: Final = tuple(ROUTING_TABLE)
PRIORITIES: Final = routing.PRIORITIES
CLOCK_KINDS: Final = routing.KINDS
CHANNELS: Final = ("web", "phone", "whatsapp", "email", "chat", "api")
SUPPORT_METHODS: Final = ("phone", "remote", "on_site", "chat")
# How a step of a ladder reaches its people: by mail, and on the channels that were shown to wake them.
NOTICES: Final = ("mail", "wake")


@dataclass(frozen=True, slots=True)
class Target:
    """A promise: minutes around the clock, or minutes of the desk's open hours."""

    minutes: int
    around_the_clock: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A rung of a ladder, see `desks.models.EscalationStep`."""

    position: int
    whom: str
    user_id: int | None
    after_minutes: int
    at_percent: int | None
    takes: bool
    repeat_minutes: int | None
    at_most: int
    role: str = ""
    notices: tuple[str, ...] = NOTICES


@dataclass(frozen=True, slots=True)
class Member:
    """An active person of the desk. `superior_user_id` is None where nobody active stands above."""

    user_id: int
    membership_id: int
    name: str
    first_name: str
    email: str
    phone: str
    roles: frozenset[str]
    superior_user_id: int | None
    skills: frozenset[str]
    max_open: int
    availability: str
    # Their own hours; None: those of the desk.
    calendar_id: int | None = None

    @property
    def attends(self) -> bool:
        """Whether the person works tickets; who only sells sees none."""
        return bool(self.roles & TICKET_ROLES)

    @property
    def supervises(self) -> bool:
        return bool(self.roles & SUPERVISING)

    def knows(self, product_slug: str) -> bool:
        """Whether the person attends the product: no skills named means all of them."""
        return not self.skills or product_slug in self.skills


@dataclass(frozen=True, slots=True)
class AbsenceInfo:
    """A window, half-open, in which a person of the desk attends nothing, and who stands in for them."""

    id: int
    user_id: int
    starts_at: datetime
    ends_at: datetime
    substitute_id: int | None

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Contact:
    """A way to reach the desk. `href` is empty where the address is not a link by itself."""

    label: str
    kind: str
    purpose: str
    address: str
    hours: str

    @property
    def href(self) -> str:
        match self.kind:
            case "phone":
                return f"tel:+{self._international}"
            case "whatsapp":
                return f"https://wa.me/{self._international}"
            case "email":
                return f"mailto:{self.address}"
            case _:
                return self.address if self.address.startswith("https://") else ""

    @property
    def _international(self) -> str:
        """The digits with the country's code; ten alone are of Mexico."""
        digits = "".join(c for c in self.address if c.isdigit())
        return f"52{digits}" if len(digits) == 10 else digits


@dataclass(frozen=True, slots=True)
class ProductInfo:
    id: int
    slug: str
    name: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanInfo:
    """What clients buy; `extra_prices` maps a support method to pesos before VAT, as a decimal string."""

    id: int
    slug: str
    name: str
    sla_policy_id: int | None
    extra_prices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TagInfo:
    """A word of the desk's vocabulary; `into` is the slug of the one that it was merged into, "" for none."""

    slug: str
    name: str
    tone: str = "mute"
    is_active: bool = True
    into: str = ""


Targets = Mapping[str, Mapping[str, Target]]


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """Everything of a desk that only configuration changes."""

    desk_id: int
    version: int
    vendor_id: int
    vendor_name: str
    slug: str
    name: str
    prefix: str
    email: str
    trato: str
    zone: ZoneInfo
    channels: tuple[str, ...]
    support_methods: tuple[str, ...]
    calendar_id: int | None
    sales_calendar_id: int | None
    rota_id: int | None
    sla_policy_id: int | None
    rest_hours: int
    take_minutes: int
    usual_first: bool
    peak_days: tuple[PeakRule, ...]
    routing_table: Mapping[str, tuple[str, str]]
    targets_by_policy: Mapping[int, Targets]
    on_call_steps: tuple[Step, ...]
    office_steps: tuple[Step, ...]
    progress_minutes: Mapping[str, int]
    members: tuple[Member, ...]
    absences: tuple[AbsenceInfo, ...]
    contacts: tuple[Contact, ...]
    products: tuple[ProductInfo, ...]
    plans: tuple[PlanInfo, ...]
    tags: Mapping[str, TagInfo]
    texts: Mapping[str, Any]
    wording: Mapping[str, str]
    _by_user: Mapping[int, Member] = field(repr=False)

    @property
    def has_rota(self) -> bool:
        return self.rota_id is not None

    @property
    def managers(self) -> tuple[Member, ...]:
        return self.with_role("manager")

    def steps(self, kind: str) -> tuple[Step, ...]:
        """The ladder of that kind, `on_call` or `office`."""
        return self.on_call_steps if kind == "on_call" else self.office_steps

    def targets(self, policy_id: int | None = None) -> Targets:
        """Return priority -> kind -> target of the policy, of the desk's own for None; empty when it has none."""
        wanted = self.sla_policy_id if policy_id is None else policy_id
        return self.targets_by_policy.get(wanted, {}) if wanted is not None else {}

    def member(self, user_id: int | None) -> Member | None:
        return None if user_id is None else self._by_user.get(user_id)

    @property
    def attending(self) -> tuple[Member, ...]:
        """Who works tickets at the desk."""
        return tuple(person for person in self.members if person.attends)

    def attendant(self, user_id: int | None) -> Member | None:
        """The person, if they work tickets at the desk."""
        person = self.member(user_id)
        return person if person is not None and person.attends else None

    def superior_of(self, user_id: int | None) -> Member | None:
        """Return who stands above; None for strangers, for the top, and where the superior left."""
        person = self.member(user_id)
        return self.member(person.superior_user_id) if person else None

    def absent(self, at: datetime) -> dict[int, AbsenceInfo]:
        """Return who is absent at that instant -> their absence."""
        return {absence.user_id: absence for absence in self.absences if absence.holds(at)}

    def with_role(self, role: str) -> tuple[Member, ...]:
        return tuple(person for person in self.members if role in person.roles)

    def product(self, slug: str) -> ProductInfo | None:
        return next((product for product in self.products if product.slug == slug), None)

    def tag(self, slug: str) -> TagInfo:
        """The tag that a slug stands for, that into which it was merged where it was; a stranger stands for itself."""
        found = self.tags.get(slug) or TagInfo(slug, slug, is_active=False)
        return self.tags.get(found.into, found) if found.into else found

    def tags_of(self, slugs: Iterable[str]) -> list[TagInfo]:
        """The tags of a ticket, in the order in which they were added, none twice."""
        return list({tag.slug: tag for tag in map(self.tag, slugs)}.values())

    def say(self, key: str, **params: object) -> str:
        """The desk's sentence of `key`. Raises UnknownWording."""
        return say(key, trato=self.trato, overrides=self.wording, **params)

    def phrases(self, **params: object) -> Wording:
        """The desk's sentences as a template reads them."""
        return Wording(self.trato, self.wording, **params)
