"""Writing canned answers: those of a desk by who supervises it, one's own by whoever works there."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.files.base import File
from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from core import passwords
from core.actor import Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid
from desks.models import Desk
from files import actions as file_actions
from tickets import canned
from tickets.models import CannedAnswer, CannedFile

# Lists are read whole: so many are more than anybody finds their way in.
MOST_OF_DESK: Final = 200
MOST_OWN: Final = 60
MOST_FILES: Final = 5
_MOST_COUNTED: Final = 2_000_000_000
_SHORTCUT: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A canned answer as somebody wrote it."""

    title: str
    shortcut: str
    body: str
    product_id: int | None = None
    files: Sequence[File[bytes]] = ()
    # CannedFile ids that go.
    dropped: Collection[int] = ()


def may_write(desk_id: int, owner_id: int | None, by: Actor) -> bool:
    """Whether the actor may change what belongs to the desk (no owner), or to that person."""
    if owner_id is None:
        return by.supervises(desk_id)
    return owner_id == by.user_id and by.works_tickets(desk_id)


@transaction.atomic
def create(desk: Desk, draft: Draft, *, own: bool, by: Actor, now: datetime) -> CannedAnswer:
    """Write a new one. Raises Forbidden, and Invalid by field (see `faults`)."""
    owner_id = by.user_id if own else None
    if not may_write(desk.pk, owner_id, by) or (own and owner_id is None):
        raise Forbidden
    Desk.objects.select_for_update().get(pk=desk.pk)  # what is counted and compared below stays so
    same = CannedAnswer.objects.filter(desk=desk, owner_id=owner_id)
    if same.filter(is_active=True).count() >= (MOST_OWN if own else MOST_OF_DESK):
        raise Invalid.field("title", "too_many", _("There are too many canned answers: put away those not in use."))
    _check(desk, draft, same)
    answer = CannedAnswer(desk=desk, owner_id=owner_id, created_at=now)
    return _write(answer, draft, now=now)


@transaction.atomic
def change(answer: CannedAnswer, draft: Draft, *, seen: int, by: Actor, now: datetime) -> CannedAnswer:
    """Write it anew. Raises Conflict when it is not the version that was `seen` any more, Forbidden, Invalid."""
    fresh = _locked(answer, by)
    if fresh.version != seen:
        raise Conflict(_("Somebody changed it while you were writing. What you typed is kept; look at theirs first."))
    same = CannedAnswer.objects.filter(desk_id=fresh.desk_id, owner_id=fresh.owner_id).exclude(pk=fresh.pk)
    _check(fresh.desk, draft, same)
    fresh.version += 1
    gone = list(CannedFile.objects.filter(answer=fresh, pk__in=list(draft.dropped)).select_related("attachment"))
    CannedFile.objects.filter(pk__in=[file.pk for file in gone]).delete()
    file_actions.discard(file.attachment for file in gone)  # what was sent are copies
    return _write(fresh, draft, now=now)


@transaction.atomic
def set_active(answer: CannedAnswer, active: bool, *, by: Actor, now: datetime) -> CannedAnswer:
    """Put it away, or bring it back. Raises Forbidden; Conflict where another one has its shortcut now."""
    fresh = _locked(answer, by)
    if fresh.is_active != active:
        same = CannedAnswer.objects.filter(desk_id=fresh.desk_id, owner_id=fresh.owner_id, is_active=True)
        if active and same.filter(shortcut=fresh.shortcut).exists():
            raise Conflict(_("Another one has the shortcut /%s now: change that first.") % fresh.shortcut)
        fresh.is_active, fresh.changed_at, fresh.version = active, now, fresh.version + 1
        fresh.save(update_fields=["is_active", "changed_at", "version"])
    return fresh


def count(answer_id: int) -> None:
    """It was put into a reply. 1 query."""
    CannedAnswer.objects.filter(pk=answer_id).update(n_used=Least(F("n_used") + 1, _MOST_COUNTED))


def _locked(answer: CannedAnswer, by: Actor) -> CannedAnswer:
    """The row, held until the transaction ends; the desk first, as when one is made."""
    desk = Desk.objects.select_for_update().get(pk=answer.desk_id)
    fresh = CannedAnswer.objects.select_for_update(of=("self",)).get(pk=answer.pk)
    if not may_write(desk.pk, fresh.owner_id, by):
        raise Forbidden
    fresh.desk = desk
    return fresh


def _write(answer: CannedAnswer, draft: Draft, *, now: datetime) -> CannedAnswer:
    answer.title, answer.shortcut = draft.title.strip(), draft.shortcut
    answer.body, answer.product_id = tidy(draft.body), draft.product_id
    answer.changed_at = now
    answer.save()
    last = CannedFile.objects.filter(answer=answer).aggregate(last=Max("position"))["last"]
    place = -1 if last is None else last
    for upload in draft.files:
        attachment = file_actions.store(upload, now=now)
        if attachment.secret_like:  # its bytes are sealed; the row goes with the transaction, they with the sweep
            raise Invalid.field("files", "secret", _("“%s” holds a private key: it cannot be kept here.") % upload.name)
        place += 1
        CannedFile.objects.create(answer=answer, attachment=attachment, position=place)
    if CannedFile.objects.filter(answer=answer).count() > MOST_FILES:
        raise Invalid.field("files", "too_many", _("A canned answer has at most 5 files."))
    return answer


def tidy(body: str) -> str:
    """The text as it is kept: one kind of line break, nothing around it."""
    return "\n".join(line.rstrip() for line in body.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def _check(desk: Desk, draft: Draft, same: Any) -> None:
    found = [FieldError(field, code, message) for field, code, message in faults(draft)]
    if draft.product_id is not None and not desk.vendor.products.filter(pk=draft.product_id, is_active=True).exists():
        found.append(FieldError("product", "invalid_choice", _("Choose one of the list.")))
    if same.filter(is_active=True, shortcut=draft.shortcut).exists():
        found.append(FieldError("shortcut", "taken", _("Another one has this shortcut.")))
    if found:
        raise Invalid(errors=found)


def faults(draft: Draft) -> list[tuple[str, str, str]]:
    """What is wrong with its words: field, code and sentence. Asked by the page and by the desk's file. 0 queries."""
    found = []
    if not draft.title.strip():
        found.append(("title", "required", _("This is missing.")))
    if not _SHORTCUT.fullmatch(draft.shortcut) or len(draft.shortcut) > 40:
        found.append(
            ("shortcut", "invalid_shortcut", _("Use small letters without accents, digits and hyphens: csd-vencido."))
        )
    body = tidy(draft.body)
    if not body:
        found.append(("body", "required", _("This is missing.")))
    if len(body) > canned.MAX_BODY:
        found.append(("body", "max_length", _("The text is too long: at most 10,000 characters.")))
    if names := canned.unknown(body):
        found.append(
            ("body", "unknown_place", _("There is no %s: see the list of what can be filled in.") % ", ".join(names))
        )
    if passwords.find(body) or passwords.find(draft.title):
        found.append(("body", "secret", _("It holds what looks like a password: everybody at the desk would read it.")))
    return found
