"""Certificates of seal and signature of a client: kept by RFC, the newest of each kind, and told before they expire.

A seal that expires stops a company from issuing: its people are told 60, 30, 20 and 7 days before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from clients.cfdi.certificate import Certificate
from clients.models import Client, ContactLink, SealCertificate, TaxId
from core import localtime, wording
from core.actor import Actor
from desks import queries as desk_queries
from desks.models import Desk
from notifications import outbox
from schedules import timers
from schedules.models import Timer

TIMER: Final = "clients.seal_expires"
TEMPLATE: Final = "clients/seal"
DAYS_BEFORE: Final = (60, 30, 20, 7)
# Nobody is written to at the minute of the night at which the certificate was made.
HOUR: Final = time(10, 0)


def keep(client: Client, certificate: Certificate, *, now: datetime) -> SealCertificate | None:
    """Keep a certificate that was handed in, when its RFC is the client's and it serves longer than what is kept.

    None when it is nothing to keep: of another RFC, expired, or older. Call it in the transaction of who
    hands it in; twice changes nothing. 2 queries, 6 when it is kept.
    """
    if certificate.valid_until <= now:
        return None
    with transaction.atomic():
        tax_id = TaxId.objects.select_for_update().filter(client=client, rfc=certificate.rfc).first()
        if tax_id is None:
            return None
        kept = SealCertificate.objects.filter(tax_id=tax_id, kind=certificate.kind).first()
        if kept is not None and kept.valid_until >= certificate.valid_until:
            return None
        row, _made = SealCertificate.objects.update_or_create(
            tax_id=tax_id,
            kind=certificate.kind,
            defaults={
                "number": certificate.number,
                "valid_from": certificate.valid_from,
                "valid_until": certificate.valid_until,
                "kept_at": now,
            },
        )
        Client.objects.filter(pk=client.pk, seals_since__isnull=True).update(seals_since=now)
        timers.cancel(owner=_owner(row), now=now)
        timers.set_many([one for one in _timers(row, client) if one.due_at > now], now=now)
        return row


def of_clients(client_ids: list[int]) -> list[SealCertificate]:
    """What is kept for these companies, what expires first before the rest. 1 query."""
    rows = SealCertificate.objects.filter(tax_id__client_id__in=client_ids)
    return list(rows.select_related("tax_id__client").order_by("valid_until", "id"))


def _timers(row: SealCertificate, client: Client) -> list[timers.Request]:
    desk = _desk(client.vendor_id)
    zone = localtime.zone(desk.timezone) if desk else localtime.zone(settings.TIME_ZONE)
    last_day = row.valid_until.astimezone(zone).date()
    return [
        timers.Request(
            key=f"seal/{row.pk}/{row.number}/{days}",
            handler=TIMER,
            owner=_owner(row),
            due_at=datetime.combine(last_day - timedelta(days=days), HOUR, zone),
            payload={"seal": row.pk, "tax_id": row.tax_id_id, "number": row.number, "days": days},
        )
        for days in DAYS_BEFORE
    ]


def _owner(row: SealCertificate) -> str:
    return f"seal/{row.pk}"


def lock_owner(payload: Mapping[str, Any]) -> None:
    """Lock the RFC whose certificate it is before the timer. 1 query."""
    list(TaxId.objects.select_for_update().filter(pk=payload["tax_id"]).values_list("pk"))


# ------------------------------------------------------------------ telling


def expires(timer: Timer, now: datetime) -> None:
    """So many days are left: tell those of the company who want to know; nothing once a newer one is kept."""
    payload = timer.payload
    row = SealCertificate.objects.select_related("tax_id__client__vendor").filter(pk=payload["seal"]).first()
    if row is None or row.number != payload["number"] or row.valid_until <= now:
        return
    client = row.tax_id.client
    desk = _desk(client.vendor_id)
    if desk is None or not client.is_active:
        return
    for link in _told(client, now):
        _tell(row, link, desk, days=payload["days"], now=now)


def _told(client: Client, now: datetime) -> list[ContactLink]:
    """Who sees the whole company, has an address and did not say that they do not want it. 1 query."""
    links = ContactLink.objects.valid_on(now.date()).filter(
        client=client, scope=ContactLink.Scope.COMPANY, seal_notices=True
    )
    return list(links.exclude(contact__email="").select_related("contact").order_by("id"))


def _tell(row: SealCertificate, link: ContactLink, desk: Desk, *, days: int, now: datetime) -> None:
    config = desk_queries.config(desk)
    what = f"seal.kind_{row.kind}"
    filled: dict[str, Any] = {
        "what": wording.say(what, trato=config.trato, overrides=config.wording),
        "company": link.client.name,
        "number": row.number,
        "day": localtime.long_day(row.valid_until.astimezone(config.zone).date()),
        "at": localtime.exact(row.valid_until, config.zone),
        "days": days,
    }

    def say(part: str) -> str:
        return wording.say(f"mail.seal.{part}", trato=config.trato, overrides=config.wording, **filled).strip()

    outbox.put(
        key=f"seal/{row.pk}/{row.number}/{days}/{link.contact_id}",
        topic=f"client/{link.client_id}",
        recipient=link.contact.email,
        template=TEMPLATE,
        now=now,
        desk_id=desk.pk,
        from_name=desk.name,
        params={
            "subject": say("subject"),
            "heading": say("heading"),
            "lines": [line for line in say("lines").split("\n") if line.strip()],
            "button": say("button"),
            "url": f"{settings.SITE_URL.rstrip('/')}/inicio/",
            "desk": desk.name,
            "trato": config.trato,
        },
    )


def _desk(vendor_id: int) -> Desk | None:
    """The desk that speaks for the vendor: its first. 1 query."""
    return Desk.objects.active().select_related("vendor").filter(vendor_id=vendor_id).order_by("id").first()


def wish(client: Client, *, by: Actor, wanted: bool) -> bool:
    """Say whether one wants to be told of this company's certificates; False where one is not of it. 1 query."""
    own = ContactLink.objects.filter(client=client, contact_id__in=list(by.contact_ids))
    return bool(own.update(seal_notices=wanted))


def wanted(client_ids: list[int], contact_id: int) -> dict[int, bool]:
    """Company -> whether the contact is told of its certificates, of those that they may see whole. 1 query."""
    links = ContactLink.objects.filter(client_id__in=client_ids, contact_id=contact_id, scope=ContactLink.Scope.COMPANY)
    return dict(links.order_by("client__name", "id").values_list("client_id", "seal_notices"))
