"""Who acts: the one value that actions and `visible_to` take, whatever the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

CONSULTANT: Final = "consultant"
SUPERVISOR: Final = "supervisor"
MANAGER: Final = "manager"
SALES: Final = "sales"
ROLES: Final = (CONSULTANT, SUPERVISOR, MANAGER, SALES)
# Who works tickets; sales sees orders of stamps, not incidents.
TICKET_ROLES: Final = frozenset({CONSULTANT, SUPERVISOR, MANAGER})
SUPERVISING: Final = frozenset({SUPERVISOR, MANAGER})


class ActorKind(StrEnum):
    USER = "user"
    CONTACT = "contact"
    VISITOR = "visitor"
    SERVICE = "service"
    SYSTEM = "system"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tickets an actor may read: those of desks, of companies, of contacts, the one of a link, or all."""

    everything: bool = False
    ticket_id: int | None = None
    desk_ids: tuple[int, ...] = ()
    client_ids: frozenset[int] = frozenset()
    contact_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or process at one of the doors, with the rights that it has at this moment.

    `desk_roles` maps desk ids to roles; `client_ids` are the companies whose every ticket the
    person may read, `contact_ids` the contacts that they are (own tickets only). A signed link
    gives a CONTACT with `ticket_id` or `order_id`: that ticket or order and nothing else. `user_id`
    is the account behind the actor, where there is one. A THIRD_PARTY sees no ticket, only the thread of
    `third_party_id`.
    """

    kind: ActorKind
    id: int | None = None
    label: str = ""
    user_id: int | None = None
    desk_roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    desk_slugs: frozenset[str] = frozenset()
    vendor_ids: frozenset[int] = frozenset()
    contact_ids: frozenset[int] = frozenset()
    client_ids: frozenset[int] = frozenset()
    ticket_id: int | None = None
    order_id: int | None = None
    third_party_id: int | None = None
    is_admin: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether the actor works at a desk, or administers the installation."""
        return self.is_admin or bool(self.desk_roles)

    @property
    def is_client(self) -> bool:
        """Whether the actor stands on the client's side (by account or by link)."""
        return bool(self.contact_ids)

    def has_role(self, desk_id: int, *roles: str) -> bool:
        """Whether the actor has one of `roles` (any role when none is named) at the desk."""
        if self.is_admin or self.kind is ActorKind.SYSTEM:
            return True
        held = self.desk_roles.get(desk_id, frozenset())
        return bool(held & set(roles)) if roles else bool(held)

    def works_tickets(self, desk_id: int) -> bool:
        return self.has_role(desk_id, *TICKET_ROLES)

    def supervises(self, desk_id: int) -> bool:
        return self.has_role(desk_id, *SUPERVISING)

    def ticket_desk_ids(self) -> list[int]:
        """Ids of the desks whose tickets the actor works, in order."""
        return sorted(desk for desk, roles in self.desk_roles.items() if roles & TICKET_ROLES)

    @property
    def reach(self) -> Reach:
        """Which tickets the actor may read; equal reaches read the same."""
        if self.is_admin or self.kind is ActorKind.SYSTEM:
            return Reach(everything=True)
        if self.ticket_id is not None:
            return Reach(ticket_id=self.ticket_id)
        return Reach(desk_ids=tuple(self.ticket_desk_ids()), client_ids=self.client_ids, contact_ids=self.contact_ids)

    def as_json(self) -> dict[str, Any]:
        """The actor as events tell of it: {"kind", "id", "label"}."""
        return {"kind": str(self.kind), "id": self.id, "label": self.label}


SYSTEM: Final = Actor(ActorKind.SYSTEM, label="system")
VISITOR: Final = Actor(ActorKind.VISITOR, label="visitor")
