"""A case of no app, for the vault's own tests: what was recorded and told lies in lists."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from clients import vaultcases
from core.actor import Actor
from desks.models import Desk


@dataclass
class Box:
    """Ada's case, until it is over."""

    desk: Desk
    looker: int
    over: bool = False
    topic: str = "box/1"
    number: str = "BOX-1"
    facts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    client: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    team: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def may_look(self, by: Actor) -> bool:
        return by.user_id == self.looker

    def is_over(self) -> bool:
        return self.over

    def record(self, code: str, *, by: Actor, now: datetime, **data: object) -> int:
        self.facts.append((code, {"by": by.label, **data}))
        return len(self.facts)

    def tell_client(self, code: str, *, key: str, now: datetime, url: str = "", **params: object) -> None:
        self.client.append((code, {"url": url, **params}))

    def tell_team(self, code: str, *, key: str, now: datetime, **params: object) -> None:
        self.team.append((code, params))


BOXES: dict[int, Box] = {}


@contextmanager
def _opened(pk: int, now: datetime) -> Iterator[Box]:
    with transaction.atomic():
        yield BOXES[pk]


vaultcases.register("box", read=BOXES.get, opened=_opened, lock=BOXES.get)
