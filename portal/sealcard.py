"""The certificates of a client's companies on their home: until when each serves, and whether they are told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from clients import seals
from clients.models import Client
from portal.desknow import Scene
from tickets.presenters import seals as present

Row = dict[str, Any]


def card(companies: Sequence[Client], scene: Scene, contact_id: int) -> Row | None:
    """The card of who sees whole companies, None where nothing was ever kept. 2 queries, 0 in the plain case."""
    known = [company.pk for company in companies if company.seals_since]
    wanted = seals.wanted(known, contact_id) if known else {}
    rows = seals.of_clients(list(wanted)) if wanted else []
    if not rows:
        return None
    names = {company.pk: company.name for company in companies}
    named = len(companies) > 1
    return {
        "text": scene.config.say("seal.card_text" if all(wanted.values()) else "seal.card_quiet"),
        "rows": [present.row(one, scene.config, scene.now, named=named) for one in rows],
        "href": reverse("portal:seals"),
        "wishes": [
            {"client": pk, "company": names[pk] if named else "", "wanted": is_wanted}
            for pk, is_wanted in wanted.items()
        ],
    }
