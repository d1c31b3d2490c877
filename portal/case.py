"""One ticket as its client reads it: where it stands, what comes next and when, what was said, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from core import faces, localtime
from core.actor import Actor, ActorKind
from core.faces import ClockFace
from portal import words
from portal.desknow import Scene
from tickets import lifecycle, nextstep, reasons
from tickets.actions.messages import goes_on_in
from tickets.lifecycle import Status
from tickets.models import Appointment, Clock, ClockKind, Message, ThirdParty, Ticket, TicketEvent
from tickets.nextstep import NextStep
from tickets.presenters import cards
from tickets.presenters import faces as clock_faces
from tickets.presenters import thread as thread_presenter
from tickets.queries.case import Line
from tickets.verbs import VERBS

Row = dict[str, Any]

_PLACE: Final = {
    Status.NEW: 0,
    Status.DEFERRED: 0,
    Status.ASSIGNED: 1,
    Status.IN_PROGRESS: 2,
    Status.WAITING_CLIENT: 2,
    Status.WAITING_THIRD_PARTY: 2,
    Status.SCHEDULED: 2,
    Status.RESOLVED: 3,
    Status.CLOSED: 5,
}
_STAGES: Final = ("received", "assigned", "in_progress", "resolved", "closed")
_CLOCKS: Final = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
# What is told between the messages; the rest stands in the history.
_IN_THREAD: Final = frozenset(
    {
        *("scheduled", "appointment_moved", "appointment_cancelled", "appointment_released", "attended"),
        *("lane_changed", "reopened", "escalation_exhausted", "followed_up"),
    }
)
_METHOD_ICONS: Final = {"phone": "phone", "remote": "monitor", "on_site": "pin", "chat": "chat"}


def near(at: datetime, scene: Scene) -> str:
    return faces.near(at, scene.config.zone, scene.now)


def when(at: datetime, scene: Scene) -> str:
    return localtime.when(at, scene.config.zone, scene.now)


def head(ticket: Ticket, scene: Scene) -> Row:
    say = scene.config.say
    channel = say(f"channel.{ticket.channel}")
    return {
        "number": ticket.number,
        "subject": ticket.subject,
        "status": ticket.status,
        "status_label": say(f"status_{ticket.status}"),
        "priority": ticket.priority,
        "opened": say("case.opened", at=when(ticket.opened_at, scene), channel=channel),
        "escalated": ticket.escalated_at is not None and ticket.status in lifecycle.OPEN,
        "reopened": ticket.reopened_at is not None and ticket.status in lifecycle.OPEN,
    }


# ------------------------------------------------------------------ the stages


def steps(ticket: Ticket, events: Sequence[TicketEvent], scene: Scene) -> list[Row]:
    """The known stages, with the hour of those that were reached."""
    say = scene.config.say
    if ticket.status in (Status.CANCELLED, Status.MERGED):
        return [
            _step(say("ticket_step_received"), near(ticket.opened_at, scene), "done"),
            _step(say(f"status_{ticket.status}"), _hour_of(events, ticket.status, scene), "current"),
        ]
    place = _PLACE[Status(ticket.status)]
    notes = _stage_notes(ticket, events, scene, place)
    return [
        _step(say(f"ticket_step_{stage}"), notes[i], "done" if i < place else "current" if i == place else "todo")
        for i, stage in enumerate(_STAGES)
    ]


def _step(text: str, note: str, state: str) -> Row:
    return {"text": text, "note": note, "state": state}


def _hour_of(events: Sequence[TicketEvent], kind: str, scene: Scene) -> str:
    found = [event.at for event in events if reasons.kind(event) == kind]
    return near(found[-1], scene) if found else ""


def _stage_notes(ticket: Ticket, events: Sequence[TicketEvent], scene: Scene, place: int) -> list[str]:
    say = scene.config.say
    given = _hour_of(events, "assigned", scene) or _hour_of(events, "taken", scene)
    name = ticket.assignee.name if ticket.assignee else ""
    taken = _hour_of(events, "taken", scene) or (near(ticket.answered_at, scene) if ticket.answered_at else "")
    notes = [near(ticket.opened_at, scene), "", "", "", ""]
    if place >= 1:
        notes[1] = " · ".join(part for part in (given, name) if part)
    if place >= 2:
        notes[2] = taken
    if ticket.resolved_at is not None:
        waiting = [say("case.step_you")] if ticket.status == Status.RESOLVED else []
        notes[3] = " · ".join([near(ticket.resolved_at, scene), *waiting])
        closes = nextstep.closes_at(ticket)
        notes[4] = say("case.step_closes", at=near(closes, scene)) if closes else ""
    if ticket.closed_at is not None:
        notes[4] = near(ticket.closed_at, scene)
    return notes


# ------------------------------------------------------------------ what comes next


def upcoming(
    ticket: Ticket,
    clocks: Sequence[Clock],
    appointment: Appointment | None,
    events: Sequence[TicketEvent],
    scene: Scene,
) -> Row | None:
    """The next thing that happens, with its hour; None where the page asks the client instead."""
    say = scene.config.say
    if ticket.status in (Status.CLOSED, Status.CANCELLED):
        return _notice("mute", "ok", say(f"case.{ticket.status}"), say(f"case.{ticket.status}_text"))
    if nobody_answered(ticket, events):
        return _notice("bad", "alert", say("case.next_exhausted"), say("case.next_exhausted_text"))
    step = nextstep.next_step(ticket, clocks, appointment)
    return _NEXT[step.code](ticket, step, appointment, scene) if step and step.code in _NEXT else None


def price_waits(events: Sequence[TicketEvent]) -> bool:
    """Whether a price was asked that the client has not answered."""
    open_questions: set[str] = set()
    for event in events:
        method = str(event.data.get("method", ""))
        if reasons.kind(event) == "price_asked":
            open_questions.add(method)
        elif reasons.kind(event) in {"price_accepted", "price_declined"}:
            open_questions.discard(method)
    return bool(open_questions)


def nobody_answered(ticket: Ticket, events: Sequence[TicketEvent]) -> bool:
    """Whether the ladder came to its end and nobody has spoken since."""
    kinds = [reasons.kind(event) for event in events]
    if "escalation_exhausted" not in kinds or ticket.status not in (Status.NEW, Status.ASSIGNED):
        return False
    after = kinds[len(kinds) - kinds[::-1].index("escalation_exhausted") :]
    return not {"acknowledged", "taken", "assigned"} & set(after)


def _notice(tone: str, icon: str, title: str, text: str) -> Row:
    return {"tone": tone, "icon": icon, "title": title, "text": text}


def _first(ticket: Ticket, step: NextStep, _appointment: Appointment | None, scene: Scene) -> Row:
    say = scene.config.say
    if step.at is None:
        return _notice("info", "clock", say("case.next_working"), "")
    at = when(step.at, scene)
    if step.at < scene.now:
        return _notice("bad", "alert", say("case.next_first_late", at=at), say("case.next_late_text"))
    name = step.who["name"] if step.who else ""
    title = say("case.next_first_name", name=name, at=at) if name else say("case.next_first", at=at)
    return _notice("info", "clock", title, say("case.next_first_text"))


def _on_call(ticket: Ticket, step: NextStep, _appointment: Appointment | None, scene: Scene) -> Row:
    say = scene.config.say
    if step.at is None or step.at < scene.now:
        return _first(ticket, step, None, scene)
    return _notice("warn", "shield", say("case.next_on_call", at=when(step.at, scene)), say("case.next_on_call_text"))


def _update(ticket: Ticket, step: NextStep, _appointment: Appointment | None, scene: Scene) -> Row:
    say = scene.config.say
    name = step.who["name"] if step.who else ""
    text = say("case.next_update_text", name=name) if name else ""
    if step.at is None:
        return _notice("info", "clock", say("case.next_working"), text)
    at = when(step.at, scene)
    if step.at < scene.now:
        return _notice("bad", "alert", say("case.next_update_late", at=at), say("case.next_late_text"))
    return _notice("info", "clock", say("case.next_update", at=at), text)


def _opens(ticket: Ticket, _step: NextStep, _appointment: Appointment | None, scene: Scene) -> Row:
    say = scene.config.say
    opens = words.opening(ticket.starts_at, scene.config.zone, scene.now)
    return _notice("info", "cal", say("case.next_opens", at=opens), say("case.next_opens_text"))


def _client(ticket: Ticket, _step: NextStep, _appointment: Appointment | None, scene: Scene) -> Row:
    say = scene.config.say
    text = say("case.next_client_text", reason=ticket.waiting_reason)
    return _notice("warn", "reply", say("case.next_client"), text)


def _third(ticket: Ticket, step: NextStep, _appointment: Appointment | None, scene: Scene) -> Row:
    say = scene.config.say
    text = say("case.next_third_no_hour")
    if step.at is not None and step.at > scene.now:
        text = say("case.next_third_text", at=when(step.at, scene))
    return _notice("info", "pause", say("case.next_third", who=ticket.waiting_who), text)


def _appointment(ticket: Ticket, step: NextStep, appointment: Appointment | None, scene: Scene) -> Row | None:
    if appointment is None:
        return None
    return _notice("info", "cal", *appointment_words(ticket, appointment, scene))


def appointment_words(ticket: Ticket, appointment: Appointment, scene: Scene) -> tuple[str, str]:
    """`Cita: jue 19 nov, 16:30`, `Sesión remota, con Ana Lozano. Tolerancia: 10 minutos.`"""
    say = scene.config.say
    method = say(f"method_{appointment.method}")
    name = ticket.assignee.name if ticket.assignee else ""
    text = (
        say("case.next_appointment_text", method=method, name=name)
        if name
        else say("case.next_appointment_no_name", method=method)
    )
    return say("case.next_appointment", at=when(appointment.starts_at, scene)), text


_NEXT: Final = {
    "opens": _opens,
    "on_call_attends": _on_call,
    "first_response": _first,
    "next_update": _update,
    "client_answers": _client,
    "third_party_answers": _third,
    "appointment": _appointment,
}


def resolved(ticket: Ticket, scene: Scene) -> Row | None:
    """The question of a resolved ticket."""
    if ticket.status != Status.RESOLVED or ticket.resolved_at is None:
        return None
    say = scene.config.say
    name = ticket.assignee.name if ticket.assignee else say("ticket_support")
    closes = nextstep.closes_at(ticket)
    return {
        "name": name,
        "text": say("case.resolved_text", name=name, at=when(ticket.resolved_at, scene)),
        "confirm": say("ticket_confirm"),
        "note": say("case.resolved_note", at=words.opening(closes, scene.config.zone, scene.now)) if closes else "",
    }


# ------------------------------------------------------------------ what was said and done


def thread(
    ticket: Ticket, lines: Sequence[Line], events: Sequence[TicketEvent], actor: Actor, base: str, scene: Scene
) -> list[Row]:
    """Messages, and between them what changed the course, in the order in which it happened."""
    rows = [(line.message.created_at, 0, _message(ticket, line, actor, base, scene)) for line in lines]
    rows += [(event.recorded_at, 1, _sys(event, scene)) for event in events if reasons.kind(event) in _IN_THREAD]
    rows.sort(key=lambda row: row[:2])
    return [row for _at, _rank, row in rows]


def _message(ticket: Ticket, line: Line, actor: Actor, base: str, scene: Scene) -> Row:
    message, say = line.message, scene.config.say
    mine = is_mine(ticket, message, actor)
    return {
        "kind": "message",
        "id": message.seq,
        "name": say("ticket_you") if mine else message.author_label or ticket.requester_name,
        "face": message.author_label or ticket.requester_name,
        "mine": mine,
        "side": "team" if message.from_team else "client",
        "role": say("ticket_support") if message.from_team else "",
        "at": when(message.created_at, scene),
        "body": message.body,
        "parts": thread_presenter.parts(message.body),
        "files": [
            {
                "href": f"{base}archivos/{file.id}/",
                "name": file.name,
                "size": words.size(file.size),
                "card": cards.card(file.card, scene.config),
            }
            for file in line.files
        ],
        "extra": _extra(message, scene),
    }


def _extra(message: Message, scene: Scene) -> str:
    """What a message is besides: the solution, or a word that went to a third party."""
    if message.is_solution:
        return scene.config.say("case.solution")
    if message.thread is not None and message.from_team:
        return scene.config.say("third.to", name=message.thread.name)
    return ""


def consents(there: Sequence[ThirdParty], lines: Sequence[Line], base: str, scene: Scene) -> list[Row]:
    """Whom the desk would like to ask, and what: the client says yes or no, once."""
    say = scene.config.say
    questions: dict[int | None, str] = {}
    for line in lines:
        questions.setdefault(line.message.thread_id, line.message.body)
    return [
        {
            "id": third.pk,
            "title": say("third.consent_title", name=third.name),
            "text": say("third.consent_text"),
            "question": questions.get(third.pk, ""),
            "since": when(third.asked_at, scene),
            "grant_href": f"{base}proveedor/{third.pk}/autorizar/",
            "grant": say("third.grant"),
            "refuse_href": f"{base}proveedor/{third.pk}/rechazar/",
            "refuse": say("third.refuse"),
        }
        for third in there
        if third.consent == ThirdParty.Consent.ASKED and third.removed_at is None
    ]


def line_of_third(line: Line, third: ThirdParty, base: str, scene: Scene) -> Row:
    """A message of a third party's thread as they read it."""
    message, say = line.message, scene.config.say
    mine = message.author_kind == ActorKind.THIRD_PARTY
    return {
        "kind": "message",
        "id": message.seq,
        "name": say("ticket_you") if mine else message.author_label or scene.config.vendor_name,
        "mine": mine,
        "side": "client" if mine else "team",
        "role": "" if mine else say("ticket_support"),
        "at": when(message.created_at, scene),
        "body": message.body,
        "parts": thread_presenter.parts(message.body),
        "files": [
            {"href": f"{base}archivos/{file.id}/", "name": file.name, "size": words.size(file.size)}
            for file in line.files
        ],
        "extra": "",
    }


def is_mine(ticket: Ticket, message: Message, actor: Actor) -> bool:
    """Whether the reader wrote it: by this account, by this link, or as the visitor who filed."""
    if message.from_team:
        return False
    if (message.author_kind, message.author_id) == (str(actor.kind), actor.id):
        return True
    is_requester = ticket.requester_id in actor.contact_ids
    own = {("visitor", None), ("contact", ticket.requester_id), ("user", ticket.requester.user_id)}
    return is_requester and (message.author_kind, message.author_id) in own


def _sys(event: TicketEvent, scene: Scene) -> Row:
    icon, _tone = reasons.face(event)
    text = reasons.sentence(event, scene.config, staff=False)
    return {"kind": "event", "icon": icon, "text": text, "at": when(event.at, scene), "why": []}


def history(events: Sequence[TicketEvent], scene: Scene) -> list[Row]:
    """What happened, with the reasons that the client may read; messages stand in the conversation."""
    rows = []
    for event in events:
        if reasons.kind(event) == "message_added":
            continue
        icon, tone = reasons.face(event)
        rows.append(
            {
                "icon": icon,
                "tone": tone,
                "at": when(event.at, scene),
                "text": reasons.sentence(event, scene.config, staff=False),
                "why": reasons.because(event, scene.config, staff=False),
            }
        )
    return rows


# ------------------------------------------------------------------ promises and facts


def clock_rows(clocks: Sequence[Clock], scene: Scene, *, base: str) -> list[Row]:
    """The promises of the ticket in their order, each as a face, and where its calculation stands."""
    by_kind = {clock.kind: clock for clock in clocks}
    return [
        {
            "name": scene.config.say(f"case.clock_{kind}"),
            "face": _face(by_kind[kind], scene),
            "href": f"{base}reloj/{kind}/",
        }
        for kind in _CLOCKS
        if kind in by_kind
    ]


def _face(clock: Clock, scene: Scene) -> ClockFace:
    face = clock_faces.of_clock(clock, zone=scene.config.zone, now=scene.now)
    return replace(face, note=scene.config.say("case.clock_rests")) if face.state == "paused" else face


def facts(ticket: Ticket, scene: Scene) -> list[Row]:
    """What was reported, in short; what is not known is left out."""
    say = scene.config.say
    product = " ".join(part for part in (ticket.product.name if ticket.product else "", ticket.product_version) if part)
    rows = [
        ("assignee", ticket.assignee.name if ticket.assignee else say("case.fact_nobody")),
        # What was answered at first is no longer so once the client contested it.
        ("impact", say(f"impact.{ticket.impact}") if ticket.impact and ticket.contested_at is None else ""),
        ("product", product),
        ("company", ticket.client.name if ticket.client else ""),
        ("rfc", ticket.client_rfc),
        ("branch", ticket.branch.name if ticket.branch else ""),
        ("method", say(f"method_{ticket.support_method}") if ticket.support_method else ""),
        ("deadline", _deadline(ticket, scene)),
    ]
    return [{"label": say(f"case.fact_{name}"), "text": text, "mono": name == "rfc"} for name, text in rows if text]


def _deadline(ticket: Ticket, scene: Scene) -> str:
    """`vie 20 nov, 18:00 · Nómina`; "" where there is none."""
    if ticket.deadline_at is None:
        return ""
    kind = scene.config.say(f"form.deadline_{ticket.deadline_kind}") if ticket.deadline_kind else ""
    return " · ".join(part for part in (when(ticket.deadline_at, scene), kind) if part)


# ------------------------------------------------------------------ what may be done


def offered(ticket: Ticket, actor: Actor, scene: Scene) -> frozenset[str]:
    """The verbs that make sense for this client now; the action decides again."""
    verbs = {
        slug for slug in ("confirm", "reopen", "contest", "escalate", "cancel") if VERBS[slug].offered(ticket, actor)
    }
    if ticket.parent_id is not None and VERBS["leave"].offered(ticket, actor):
        verbs.add("leave")
    if ticket.contested_at is not None or not scene.config.has_rota:
        verbs.discard("contest")
    if ticket.status == Status.DEFERRED:
        verbs.discard("escalate")  # nobody has it yet; what cannot wait is contested
    waits = ticket.executive_asked_at is not None and ticket.executive_answered_at is None
    if VERBS["ask-executive"].offered(ticket, actor) and not waits:
        verbs.add("executive")
    writes = ticket.status in lifecycle.OPEN or ticket.status in (Status.RESOLVED, Status.CLOSED)
    if writes or goes_on_in(ticket, actor) is not None:  # on a merged one what they write goes where that goes on
        verbs.add("reply")
    return frozenset(verbs)


def method_icon(method: str) -> str:
    return _METHOD_ICONS.get(method, "cal")
