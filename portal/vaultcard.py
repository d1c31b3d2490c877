"""What a client reads of the vault on the page of their ticket: that it is kept, who saw it, when it goes."""

from __future__ import annotations

from typing import Any

from clients import vault
from clients.models import VaultSecret
from core import localtime
from portal.desknow import Scene
from tickets.actions import vaultcase
from tickets.models import Ticket

Row = dict[str, Any]


def card(ticket: Ticket, scene: Scene) -> list[Row]:
    """A row for each secret, the newest first. 1 query, none where nothing was ever kept or asked for."""
    if ticket.vault_since is None:
        return []
    return [_row(secret, scene) for secret in vault.kept(vaultcase.topic(ticket))]


def _row(secret: VaultSecret, scene: Scene) -> Row:
    text = str(vault.name_of(secret))
    alive = secret.destroyed_at is None and secret.expires_at > scene.now
    return {
        "name": text if secret.filename else text[:1].upper() + text[1:],
        "icon": "lock" if alive else "x",
        "state": _state(secret, scene, alive),
    }


def _state(secret: VaultSecret, scene: Scene, alive: bool) -> str:
    say, zone = scene.config.say, scene.config.zone
    if not alive:
        return say("vault.state_gone", at=localtime.when(secret.destroyed_at or secret.expires_at, zone, scene.now))
    until = localtime.exact(secret.expires_at, zone)
    if secret.last_look_at is None:
        return say("vault.state_kept", until=until)
    seen_at = localtime.when(secret.last_look_at, zone, scene.now)
    return say("vault.state_seen", who=secret.last_look_by, at=seen_at, until=until)
