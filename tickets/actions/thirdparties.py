"""*Sumar a su proveedor*: asking the client, letting a third party in, writing in their thread, showing the client."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import emails
from core.actor import Actor
from core.errors import Conflict, FieldError, Forbidden, Invalid, TransitionNotAllowed
from files.models import Attachment
from tickets import lifecycle
from tickets.actions import guards, progress, record, searching, telling, writing
from tickets.lifecycle import Status
from tickets.models import ClockKind, Message, ThirdParty, Ticket

AT_MOST: Final = 5
_TALKING: Final = lifecycle.OPEN | {Status.RESOLVED}


def invite(
    ticket: Ticket, *, by: Actor, now: datetime, name: str, email: str, question: str, waits: bool = True
) -> ThirdParty:
    """Propose to ask somebody outside; the client reads whom and what, and decides.

    Raises Invalid for a name, address or question at fault, TransitionNotAllowed on a ticket that is not open.
    """
    guards.consultant(ticket, by)
    name, email = " ".join(name.split()), email.strip()
    _check(name, email, question)
    with record.changing(ticket, now=now) as fresh:
        guards.assignee(fresh, by)
        lifecycle.check_in(fresh.status, lifecycle.OPEN)
        _check_room(fresh, email)
        third = ThirdParty.objects.create(
            ticket=fresh, name=name, email=email, waits=waits, asked_by_id=by.user_id, asked_at=now
        )
        fresh.n_third_parties += 1
        # The client reads beforehand what would be asked in their name.
        asked = writing.write(fresh, by=by, now=now, body=question, thread=third, shared=True).body
        entry = record.record(fresh, "third_party_proposed", by=by, now=now, public=True, third_party=person(third))
        telling.client(fresh, "consent", key=f"consent/{entry.pk}", now=now, quote=asked, third=name, since=now)
    return third


def _check(name: str, email: str, question: str) -> None:
    errors = []
    if not name:
        errors.append(FieldError("name", "required", _("This is needed.")))
    elif len(name) > 160:
        errors.append(FieldError("name", "max_length", _("At most %(limit)d characters.") % {"limit": 160}))
    try:
        emails.validate(email)
    except ValidationError:
        errors.append(FieldError("email", "invalid", _("Write an e-mail address, as in name@company.mx.")))
    if errors:
        raise Invalid(errors=errors)
    writing.check_text(question, (), field="question")


def _check_room(ticket: Ticket, email: str) -> None:
    there = list(ThirdParty.objects.filter(ticket=ticket, removed_at__isnull=True).values_list("email", flat=True))
    if email.lower() in {known.lower() for known in there}:
        raise Invalid.field("email", "already_there", _("They have a thread on this ticket already."))
    if len(there) >= AT_MOST:
        raise Conflict(_("At most five third parties on one ticket."), code="too_many_third_parties")


def grant(third: ThirdParty, *, by: Actor, now: datetime) -> ThirdParty:
    """The client agrees: the third party gets the question and a link to their thread, and the ticket waits for them.

    A client without e-mail says it by telephone, and whoever has the ticket notes it. Raises Conflict when it was
    answered before.
    """
    with record.changing(third.ticket, now=now) as fresh:
        third = _answer(third, fresh, by=by, now=now, consent=ThirdParty.Consent.GRANTED)
        lifecycle.check_in(fresh.status, lifecycle.OPEN)
        record.record(
            fresh,
            "third_party_joined",
            by=by,
            now=now,
            public=True,
            third_party=person(third),
            by_phone=by.works_tickets(fresh.desk_id),
        )
        question = fresh.messages.filter(thread=third).order_by("seq").first()
        _tell_third(third, fresh, "third_invited", key=f"third/{third.pk}/invited", now=now, quote=question)
        if third.waits and fresh.status == Status.IN_PROGRESS:
            reason = question.body[: progress.MAX_REASON] if question else third.name
            progress.await_third_party(fresh, by=by, now=now, reason=reason, who=third.name)
        _tell_assignee(fresh, third, "consent_given", by=by, now=now)
    return third


def refuse(third: ThirdParty, *, by: Actor, now: datetime) -> ThirdParty:
    """The client says no: nothing goes out, and whoever has the ticket goes on without."""
    with record.changing(third.ticket, now=now) as fresh:
        third = _answer(third, fresh, by=by, now=now, consent=ThirdParty.Consent.REFUSED)
        record.record(fresh, "third_party_refused", by=by, now=now, public=True, third_party=person(third))
        _tell_assignee(fresh, third, "consent_refused", by=by, now=now)
    return third


def _answer(third: ThirdParty, ticket: Ticket, *, by: Actor, now: datetime, consent: str) -> ThirdParty:
    """Note the client's answer under the ticket's lock, once."""
    if by.works_tickets(ticket.desk_id) and not guards.is_client(ticket, by):
        guards.assignee(ticket, by)
        if ticket.requester_email:
            raise Forbidden(_("The client answers by themselves, from the link in their mail."))
    else:
        guards.client(ticket, by)
    fresh = ThirdParty.objects.select_related("ticket").get(pk=third.pk)
    if fresh.consent != ThirdParty.Consent.ASKED or fresh.removed_at is not None:
        raise Conflict(_("This was answered before."), code="consent_answered", extra={"state": ticket.status})
    fresh.consent, fresh.answered_at, fresh.answered_by = consent, now, by.label[:160]
    fresh.save(update_fields=["consent", "answered_at", "answered_by"])
    return fresh


def remove(third: ThirdParty, *, by: Actor, now: datetime) -> ThirdParty:
    """Take somebody out: their link opens nothing any more; what was written stays. Twice changes nothing."""
    guards.consultant(third.ticket, by)
    with record.changing(third.ticket, now=now) as ticket:
        fresh = ThirdParty.objects.select_related("ticket").get(pk=third.pk)
        if fresh.removed_at is None:
            fresh.removed_at = now
            fresh.save(update_fields=["removed_at"])
            record.record(ticket, "third_party_left", by=by, now=now, public=True, third_party=person(fresh))
    return fresh


def write(third: ThirdParty, *, by: Actor, now: datetime, body: str, files: Sequence[Attachment] = ()) -> Message:
    """Add a word to their thread: of the desk, which they read by mail, or theirs, which ends the wait for them.

    Raises Forbidden for anybody else, Conflict before the client's consent and after they were taken out,
    TransitionNotAllowed on a ticket that has ended.
    """
    theirs = by.third_party_id == third.pk
    if not theirs:
        guards.consultant(third.ticket, by)
    writing.check_text(body, files)
    with record.changing(third.ticket, now=now) as fresh:
        third = ThirdParty.objects.select_related("ticket").get(pk=third.pk)
        if fresh.status not in _TALKING:
            raise TransitionNotAllowed(state=fresh.status)
        if not third.is_in:
            raise Conflict(_("The client has not agreed, or they were taken out."), code="no_consent")
        message = writing.write(fresh, by=by, now=now, body=body, files=files, thread=third)
        entry = record.record(
            fresh, "third_party_wrote", by=by, now=now, message=message.pk, seq=message.seq, third_party=person(third)
        )
        if theirs:
            if fresh.status == Status.WAITING_THIRD_PARTY:
                progress.go_on(fresh, by=by, now=now, cause="third_party_answered")
            _tell_assignee(fresh, third, "third_wrote", by=by, now=now)
        else:
            _tell_third(third, fresh, "third_written", key=f"third/{third.pk}/{entry.pk}", now=now, quote=message)
    return message


def share(ticket: Ticket, *, by: Actor, now: datetime, message: int) -> Message:
    """Show the client a word of a third party's thread: an answer of ours like any other. Twice changes nothing."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        guards.assignee(fresh, by)
        if fresh.status not in _TALKING:
            raise TransitionNotAllowed(state=fresh.status)
        found = Message.objects.select_related("thread").filter(ticket=fresh, pk=message, thread__isnull=False).first()
        if found is None or found.thread is None:
            raise Invalid.field("message", "unknown_message", _("There is no such message in a third party's thread."))
        if found.shared:
            return found
        found.shared = True
        found.save(update_fields=["shared"])
        searching.publish(fresh, found)
        entry = record.record(
            fresh, "third_party_shared", by=by, now=now, public=True, message=found.pk, third_party=person(found.thread)
        )
        again = progress.answered(fresh, by=by, now=now)
        telling.client(
            fresh,
            "shared",
            key=f"shared/{entry.pk}",
            now=now,
            quote=found.body,
            third=found.thread.name,
            since=found.created_at,
            next=telling.line(fresh, ClockKind.NEXT_UPDATE, again, now=now),
        )
    return found


def person(third: ThirdParty) -> dict[str, Any]:
    return {"id": third.pk, "name": third.name, "kind": "third_party"}


def _tell_assignee(ticket: Ticket, third: ThirdParty, code: str, *, by: Actor, now: datetime) -> None:
    if ticket.assignee_id is not None and ticket.assignee_id != by.user_id:
        key = f"{code}/{third.pk}/{ticket.version}"
        telling.team(ticket, [ticket.assignee_id], code, key=key, now=now, third=third.name)


def _tell_third(
    third: ThirdParty, ticket: Ticket, code: str, *, key: str, now: datetime, quote: Message | None
) -> None:
    telling.third_party(ticket, third, code, key=key, now=now, quote=quote.body if quote else "")
