"""The vault: access data, passwords and keys of clients, for the consultant on the case and for 72 hours.

"Un Consultor se comunicará con usted para solicitar los datos de acceso" (InvoiceMX manual, "Solicitud
de Timbres Fiscales"). They are asked for by a link that serves once, or caught where somebody wrote
them openly. Sealed with keys outside the database; each look is on the timeline and told to the
client; at the end of the case, or after 72 hours, the content is gone and a mark stays.

Functions that take a `case` work inside the transaction that holds it (`vaultcases.opened`, or the
action that has locked it); those that take a topic or an id open it themselves. docs/vault.md tells
the whole story.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets as tokens
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from clients import vaultcases
from clients.models import Contact, VaultRequest, VaultSecret
from clients.vaultcases import Case
from core import passwords, sealing
from core.actor import SYSTEM, Actor, ActorKind
from core.errors import Conflict, Forbidden, Invalid
from notifications.models import Notification
from schedules import timers
from schedules.models import Timer

LIFETIME: Final = timedelta(hours=72)
LINK_VALID: Final = timedelta(hours=72)
TIMER: Final = "clients.vault_expires"
MAX_WHAT: Final = 300
MAX_VALUE: Final = 4_000
_LINK: Final = re.compile(r"/datos/[^/\s]+/")

Kind = VaultSecret.Kind
Cause = VaultSecret.Cause


class CaseOver(Conflict):
    """The case has ended."""

    default_code = "case_over"
    default_message = _("The case has ended: access data are neither asked for nor shown any more.")


class LinkOver(Conflict):
    """The link was used, withdrawn or is too old."""

    default_code = "link_over"
    default_message = _("This link was used already, or it has expired.")


class Destroyed(Conflict):
    """Nothing is left of it."""

    default_code = "secret_destroyed"
    default_message = _("It was destroyed: ask the client for it again if you need it.")


class Unreadable(Conflict):
    """The key that sealed it is not in VAULT_KEYS any more."""

    default_code = "secret_unreadable"
    default_message = _("It cannot be opened: the vault key that closed it is missing.")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with its link, which is known at this moment and never again."""

    request: VaultRequest
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be kept: a file by its name and bytes, or values by their names."""

    kind: str
    content: bytes = field(repr=False)
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Revealed:
    """What somebody sees once: values by their names, or the bytes of a file."""

    secret: VaultSecret
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)


def values_item(kind: str, values: Mapping[str, str]) -> Item:
    """Access data (`user`, `password`, `notes`), or what was caught in a text (`text`)."""
    return Item(kind, json.dumps(dict(values), ensure_ascii=False).encode())


def file_item(filename: str, content: bytes) -> Item:
    return Item(Kind.FILE, content, filename[:150])


# ------------------------------------------------------------------ asking


def request(topic: str, *, contact: Contact, by: Actor, now: datetime, what: str = "") -> Asked:
    """Ask the contact for access data: see `ask`. Opens the case."""
    with vaultcases.opened(topic, now=now) as case:
        return ask(case, contact=contact, by=by, now=now, what=what)


def ask(case: Case, *, contact: Contact, by: Actor, now: datetime, what: str = "") -> Asked:
    """Make a link that serves once, in place of any that is out, and tell the client.

    The link is in the answer for who asked, and nowhere else of ours but the client's mail.
    Raises Forbidden, CaseOver, Invalid (`what` of more than 300 characters).
    """
    _must_look(case, by)
    what = passwords.masked(" ".join(what.split()))
    if len(what) > MAX_WHAT:
        raise Invalid.field("what", "max_length", _("At most 300 characters."))
    withdraw(case.topic, now=now)
    token = tokens.token_urlsafe(32)
    row = VaultRequest.objects.create(
        topic=case.topic,
        contact=contact,
        what=what,
        token_hash=_hash(token),
        asked_by_id=by.user_id,
        asked_by_label=by.label[:160],
        asked_at=now,
        expires_at=now + LINK_VALID,
    )
    url = f"{settings.SITE_URL.rstrip('/')}/datos/{token}/"
    case.record("access_requested", by=by, now=now, request=row.pk)
    case.tell_client(
        "vault_ask", key=f"vault/ask/{row.pk}", now=now, url=url, what=what, who=by.label, until=row.expires_at
    )
    return Asked(row, url)


def withdraw(topic: str, *, now: datetime) -> None:
    """Take back the link that is out, if there is one. 1 query."""
    _open_requests(topic).update(withdrawn_at=now)


def find_request(token: str) -> VaultRequest | None:
    """The request of a link, whatever became of it. 1 query."""
    return VaultRequest.objects.select_related("contact").filter(token_hash=_hash(token)).first()


def give(token: str, *, items: Sequence[Item], now: datetime) -> list[VaultSecret]:
    """Keep what the client sent by the link, which serves no more.

    Of two at once one is kept. Raises LinkOver, CaseOver, Invalid without anything.
    """
    found = find_request(token)
    if found is None:
        raise LinkOver()
    if not items:
        raise Invalid.field("password", "required", _("Write the access data or choose a file."))
    with vaultcases.opened(found.topic, now=now) as case:
        used = _open_requests(found.topic).filter(pk=found.pk, expires_at__gt=now).update(used_at=now)
        if not used:
            raise LinkOver()
        if case.is_over():
            raise CaseOver()
        giver = Actor(ActorKind.CONTACT, id=found.contact_id, label=found.contact.name)
        kept = keep(case, items, by=giver, now=now, request=found)
        entry = case.record("access_given", by=giver, now=now, n=len(kept), secrets=[str(row.pk) for row in kept])
        case.tell_team("vault_given", key=f"vault/given/{entry}", now=now, until=now + LIFETIME)
        case.tell_client("vault_kept", key=f"vault/kept/{entry}", now=now, until=now + LIFETIME)
        return kept


def forget_link(notice: Notification) -> None:
    """The mail with the link has gone out: our copy of it keeps no link. For `outcomes.register`."""
    params = {**notice.params, "url": _LINK.sub("/datos/…/", str(notice.params.get("url", "")))}
    text = _LINK.sub("/datos/…/", notice.rendered_text)
    Notification.objects.filter(pk=notice.pk).update(params=params, rendered_text=text, rendered=text.encode())


# ------------------------------------------------------------------ keeping and looking


def keep(
    case: Case,
    items: Iterable[Item],
    *,
    by: Actor,
    now: datetime,
    request: VaultRequest | None = None,
    piece: str = "",
) -> list[VaultSecret]:
    """Seal the items and set the timer of their end; timeline and notices are the caller's. 2 queries.

    `piece` names the text in which they were caught, `message/91`.
    """
    rows = [
        VaultSecret(
            topic=case.topic,
            request=request,
            piece=piece,
            kind=item.kind,
            filename=item.filename,
            ciphertext=sealing.seal(item.content),
            key_id=sealing.key_id(),
            given_by_kind=str(by.kind),
            given_by_id=by.id,
            given_by_label=by.label[:160],
            given_at=now,
            expires_at=now + LIFETIME,
        )
        for item in items
    ]
    VaultSecret.objects.bulk_create(rows)
    timers.set_many([_end_of(row) for row in rows], now=now)
    return rows


def kept(topic: str) -> list[VaultSecret]:
    """What is and was kept for a case, the newest first, without any content. 1 query."""
    return list(VaultSecret.objects.filter(topic=topic).defer("ciphertext").order_by("-given_at", "id"))


def open_request(topic: str, *, now: datetime) -> VaultRequest | None:
    """The link that is out and may still be used. 1 query."""
    return _open_requests(topic).filter(expires_at__gt=now).first()


def reveal(secret_id: UUID, *, topic: str, by: Actor, now: datetime) -> Revealed:
    """Show one secret, this once: the look is written on the timeline and the client is told of it.

    Raises LookupError for one of another case, Forbidden, CaseOver, Destroyed, Unreadable.
    """
    with vaultcases.opened(topic, now=now) as case:
        _must_look(case, by)
        secret = _locked(secret_id, topic)
        if secret.ciphertext is None or secret.expires_at <= now:
            raise Destroyed()
        try:
            content = sealing.unseal(bytes(secret.ciphertext))
        except sealing.Unreadable as error:
            raise Unreadable() from error
        VaultSecret.objects.filter(pk=secret.pk).update(
            n_looks=F("n_looks") + 1, last_look_at=now, last_look_by=by.label[:160]
        )
        entry = case.record("secret_seen", by=by, now=now, secret=str(secret.pk), kind=secret.kind)
        case.tell_client("vault_seen", key=f"vault/seen/{entry}", now=now, who=by.label, at=now, item=name_of(secret))
    if secret.kind == Kind.FILE:
        return Revealed(secret, content=content)
    values: dict[str, str] = json.loads(content)
    return Revealed(secret, values=values)


def name_of(secret: VaultSecret) -> Any:
    """What people call it: the file's name, else the kind."""
    return secret.filename or Kind(secret.kind).label


# ------------------------------------------------------------------ going along with a text


def rename(topic: str, piece: str, into: str) -> None:
    """The text in which something was caught is another row now. 1 query."""
    VaultSecret.objects.filter(topic=topic, piece=piece).update(piece=into)


def hand_over(pieces: Sequence[str], *, topic: str, into: str) -> int:
    """Keep what was caught in these texts for the case to which they were taken; return how many there are.

    Content, looks and the hour of their end stay. Hold both cases. 1 query, 2 more and 1 for each that was found.
    """
    found = list(VaultSecret.objects.filter(topic=topic, piece__in=pieces).values_list("pk", flat=True))
    if found:
        VaultSecret.objects.filter(pk__in=found).update(topic=into)
    for pk in found:
        timers.hand_over(f"vault/{pk}/expires", owner=_owner(into), payload={"topic": into, "secret": str(pk)})
    return len(found)


def has_more(topic: str, pieces: Sequence[str]) -> bool:
    """Whether something was kept for the case, or asked for, besides what was caught in these texts. 2 queries."""
    others = VaultSecret.objects.filter(topic=topic).exclude(piece__in=pieces)
    return others.exists() or VaultRequest.objects.filter(topic=topic).exists()


# ------------------------------------------------------------------ destroying


def destroy(secret_id: UUID, *, topic: str, by: Actor, now: datetime) -> None:
    """Destroy one that is not needed any more; twice changes nothing. Raises LookupError, Forbidden."""
    with vaultcases.opened(topic, now=now) as case:
        if not case.may_look(by):
            raise Forbidden()
        _locked(secret_id, topic)
        _end(case, secret_id, by=by, now=now, cause=Cause.BY_HAND)


def end_case(case: Case, *, by: Actor, now: datetime) -> int:
    """The case is over: destroy all that was kept for it and take back its link. Return how many there were.

    Call it in the transaction that ends the case; 2 queries when nothing was kept.
    """
    withdraw(case.topic, now=now)
    n = _wiped(case.topic, now=now, cause=Cause.CASE_OVER)
    if n:
        timers.cancel(owner=_owner(case.topic), now=now)
        case.record("secret_destroyed", by=by, now=now, cause=str(Cause.CASE_OVER), n=n)
    return n


def lock_owner(payload: Mapping[str, Any]) -> None:
    """Lock the case of a timer before the timer itself."""
    vaultcases.lock(payload["topic"])


def expires(timer: Timer, now: datetime) -> None:
    """The 72 hours of a secret are over."""
    with vaultcases.opened(timer.payload["topic"], now=now) as case:
        _end(case, UUID(timer.payload["secret"]), by=SYSTEM, now=now, cause=Cause.TIME)


def _end(case: Case, secret_id: UUID, *, by: Actor, now: datetime, cause: Cause) -> None:
    if _wiped(case.topic, now=now, cause=cause, pk=secret_id):
        if cause is not Cause.TIME:
            timers.cancel(key_prefix=f"vault/{secret_id}/", now=now)
        case.record("secret_destroyed", by=by, now=now, cause=str(cause), n=1, secret=str(secret_id))


def _wiped(topic: str, *, now: datetime, cause: Cause, **only: object) -> int:
    alive = VaultSecret.objects.filter(topic=topic, destroyed_at__isnull=True, **only)
    return alive.update(ciphertext=None, destroyed_at=now, destroyed_cause=cause)


# ------------------------------------------------------------------ within


def _must_look(case: Case, by: Actor) -> None:
    if not case.may_look(by):
        raise Forbidden()
    if case.is_over():
        raise CaseOver()


def _locked(secret_id: UUID, topic: str) -> VaultSecret:
    secret = VaultSecret.objects.select_for_update().filter(pk=secret_id, topic=topic).first()
    if secret is None:
        raise LookupError(f"{topic} has no such secret")
    return secret


def _open_requests(topic: str) -> QuerySet[VaultRequest]:
    return VaultRequest.objects.filter(topic=topic, used_at__isnull=True, withdrawn_at__isnull=True)


def _end_of(secret: VaultSecret) -> timers.Request:
    return timers.Request(
        key=f"vault/{secret.pk}/expires",
        handler=TIMER,
        owner=_owner(secret.topic),
        due_at=secret.expires_at,
        payload={"topic": secret.topic, "secret": str(secret.pk)},
    )


def _owner(topic: str) -> str:
    return f"vault/{topic}"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
