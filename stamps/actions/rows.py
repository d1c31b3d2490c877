"""A movement before it is written."""

from __future__ import annotations

from datetime import datetime

from core.actor import Actor
from stamps.models import MovementKind, StampAccount, StampMovement


def movement(
    account: StampAccount,
    kind: MovementKind,
    amount: int,
    *,
    at: datetime,
    by: Actor,
    now: datetime,
    reference: str = "",
    reason: str = "",
) -> StampMovement:
    """The row of so many stamps that came (positive) or went, not yet written."""
    return StampMovement(
        account_id=account.pk,
        kind=kind,
        amount=amount,
        at=at,
        recorded_at=now,
        reference=reference,
        reason=reason,
        actor_kind=str(by.kind),
        actor_id=by.id,
        actor_label=by.label[:160],
    )
