"""The page of a ticket for the desk's people: each piece a value, made from rows that were read before."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import faces, localtime, names, privacy
from core.actor import Actor
from core.faces import DayStrip
from core.templatetags.hd import STATUS
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from tickets import forms, links, reasons, whatsapp
from tickets.actions import guards
from tickets.lifecycle import OPEN, Channel, DeadlineKind, Lane, Status
from tickets.models import Appointment, Clock, TellTask, Ticket
from tickets.models.telltask import CALL_BACK
from tickets.presenters import agenda
from tickets.verbs import VERBS

# Verbs in the bar by the state of the ticket, in order; the first that is offered is the primary one.
BAR: Final = {
    Status.NEW: ("take", "assign"),
    Status.ASSIGNED: ("take", "resolve", "assign"),
    Status.DEFERRED: ("take", "assign"),
    Status.IN_PROGRESS: ("resolve", "wait", "escalate"),
    Status.WAITING_CLIENT: ("resume", "resolve"),
    Status.WAITING_THIRD_PARTY: ("resume", "resolve"),
    Status.SCHEDULED: ("begin", "resolve"),
    Status.RESOLVED: ("close",),
    Status.MERGED: ("unmerge",),
}
# Outside office hours whoever is on call answers at once: takes it, or says that they cannot solve it.
ON_CALL_BAR: Final = ("take", "escalate", "resolve")
MENU: Final = (
    "take", "assign", "wait", "wait-third-party", "schedule", "reclassify", "defer", "escalate", "resolve",
    "join", "leave", "merge", "close", "cancel",
)  # fmt: skip
BELIEVED_SECONDS: Final = 20.0
Spans = tuple[tuple[datetime, datetime], ...]
_spans: dict[int, tuple[float, tuple[int, date], Spans]] = {}
IMPACTS: Final = {
    "stopped": gettext_noop("Operation stopped"),
    "partial": gettext_noop("Operation affected in part"),
}


def head(ticket: Ticket, config: DeskConfig, *, now: datetime) -> dict[str, Any]:
    """The ticket itself: number, subject, signals."""
    return {
        "number": ticket.number,
        "href": f"/tickets/{ticket.number}/",
        "subject": ticket.subject,
        "priority": ticket.priority,
        "status": ticket.status,
        "channel": ticket.channel,
        "opened": localtime.when(ticket.opened_at, config.zone, now),
        "affects": ticket.affects_operation,
        "affects_text": _(IMPACTS.get(ticket.impact, gettext_noop("Affects the operation"))),
        "escalated": ticket.escalated_at is not None,
        "reopened": ticket.reopened_at is not None,
        "vague": ticket.vague,
        "reserved": ticket.reserved_at is not None,
        "version": ticket.version,
    }


# ------------------------------------------------------------------ what can be done


def buttons(ticket: Ticket, actor: Actor) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The verbs in the bar, whose forms open as dialogs, and those in the menu."""
    offered = [slug for slug, verb in VERBS.items() if verb.offered(ticket, actor) and not _idle(slug, ticket, actor)]
    on_call = ticket.lane == Lane.ON_CALL and ticket.status == Status.ASSIGNED
    bar = [slug for slug in (ON_CALL_BAR if on_call else BAR.get(Status(ticket.status), ())) if slug in offered]
    menu = [slug for slug in MENU if slug in offered and slug not in bar]
    shown = [
        _button(slug, ticket, primary=slug == bar[0], dialog=forms.FACES[slug].form is not forms.EmptyForm)
        for slug in bar
    ]
    shown.reverse()  # the primary one stands at the end of the bar
    further = [_button(slug, ticket, primary=False, dialog=False) for slug in menu]
    if ticket.is_open or ticket.n_third_parties:
        further.append(_third_parties(ticket))
    return shown, further


def _third_parties(ticket: Ticket) -> dict[str, Any]:
    """The page of whom outside is asked."""
    text = _("Third parties") if ticket.n_third_parties else _("Ask their vendor")
    return {
        "href": f"/tickets/{ticket.number}/proveedores/",
        "text": text,
        "icon": "users",
        "kind": "",
        "key": "",
        "dialog": False,
        "verb": "",
        "post": False,
    }


def _idle(slug: str, ticket: Ticket, actor: Actor) -> bool:
    """Whether the verb would change nothing, or is certain to be refused."""
    match slug:
        case "take":
            return ticket.status == Status.IN_PROGRESS
        case "defer":
            return ticket.affects_operation
        case "acknowledge" | "silence" | "unsilence":  # stand beside their ladder
            return True
        case "join":
            return not ticket.desk.open_outages or ticket.parent_id is not None or ticket.leads
        case "leave":
            return ticket.parent_id is None
    return False


def _button(slug: str, ticket: Ticket, *, primary: bool, dialog: bool) -> dict[str, Any]:
    face = forms.FACES[slug]
    return {
        "href": f"/tickets/{ticket.number}/{slug}/",
        "text": _cannot_solve(slug, ticket) or str(face.text),
        "icon": face.icon,
        "kind": "danger" if face.danger else "primary" if primary else "",
        "key": face.key,
        "dialog": dialog,
        "verb": slug,
        "post": face.form is forms.EmptyForm,
    }


def _cannot_solve(slug: str, ticket: Ticket) -> str:
    """What escalating is called on call, as the notice that woke them does; empty for the rest."""
    return _("I cannot solve it") if slug == "escalate" and ticket.lane == Lane.ON_CALL else ""


def declaring(ticket: Ticket, actor: Actor) -> list[dict[str, Any]]:
    """The way to declare an outage of which the ticket is the first report, for who may."""
    if not (ticket.is_open and ticket.affects_operation and actor.supervises(ticket.desk_id)):
        return []
    if ticket.parent_id is not None or ticket.leads:
        return []
    href = f"/caidas/nueva/?ticket={ticket.number}"
    text = _("Declare an outage…")
    return [
        {
            "href": href,
            "text": text,
            "icon": "bolt",
            "kind": "",
            "key": "",
            "dialog": False,
            "verb": "declare",
            "post": False,
        }
    ]


def action(slug: str, ticket: Ticket, form: forms.VerbForm) -> dict[str, Any]:
    """The form of a verb, for its dialog or its own page."""
    face = forms.FACES[slug]
    return {
        "verb": slug,
        "href": f"/tickets/{ticket.number}/{slug}/",
        "title": _cannot_solve(slug, ticket) or str(face.title),
        "intro": str(face.intro),
        "form": form,
        "submit": str(face.submit),
        "icon": face.icon,
        "danger": face.danger,
    }


# ------------------------------------------------------------------ notices above the conversation


def notices(ticket: Ticket, tasks: Iterable[TellTask], config: DeskConfig, *, now: datetime) -> list[dict[str, Any]]:
    """What whoever has the ticket must know before writing."""
    found = [_task(task, ticket, config, now) for task in tasks]
    if ticket.channel == Channel.WHATSAPP and ticket.requester_phone and ticket.status in OPEN:
        found.append(_whatsapp(ticket, config))
    if ticket.status == Status.WAITING_CLIENT and ticket.waiting_reason:
        found.append(_notice("mute", "pause", _("Waiting for the client:"), ticket.waiting_reason))
    if ticket.status == Status.WAITING_THIRD_PARTY:
        found.append(_notice("mute", "pause", _("Waiting for %s:") % ticket.waiting_who, ticket.waiting_reason))
    if ticket.status == Status.DEFERRED:
        opens = faces.near(ticket.starts_at, config.zone, now)
        found.append(_notice("info", "clock", _("Deferred."), _("It enters the queue by itself: %s.") % opens))
    if ticket.classify_by is not None and ticket.is_open:
        found.append(_to_classify(ticket, config, now))
    if ticket.merged_into is not None:
        into = ticket.merged_into.number
        found.append(
            _notice("info", "swap", _("Merged."), _("It goes on in %s.") % into, f"/tickets/{into}/", _("See it"))
        )
    if ticket.follows is not None:
        before = ticket.follows.number
        found.append(_notice("info", "refresh", "", _("Goes on from %s.") % before, f"/tickets/{before}/", _("See it")))
    return found


def climbing(ladder: dict[str, Any] | None) -> list[dict[str, Any]]:
    """*Enterado* where one reads first, for who may say it while a ladder is climbed; `ladder` as the side shows it."""
    if not ladder or not ladder["href"]:
        return []
    following = next((step for step in ladder["steps"] if step["state"] == "todo"), None)
    text = _("Nobody is left to be told.")
    if following is not None:
        text = _("Unless somebody acknowledges, next: %(name)s, %(at)s.") % following
    return [_notice("bad", "up2", _("A ladder is running."), text, ladder["href"], ladder["action"], post=True)]


def _notice(
    tone: str, icon: str, title: str, text: str, href: str = "", action: str = "", *, post: bool = False
) -> dict[str, Any]:
    return {"tone": tone, "icon": icon, "title": title, "text": text, "href": href, "action": action, "post": post}


def _whatsapp(ticket: Ticket, config: DeskConfig) -> dict[str, Any]:
    """The answer where they wrote, with folio and link filled in; a person sends it."""
    text = config.say(
        "whatsapp.reply",
        name=names.first(ticket.requester_name),
        number=ticket.number,
        subject=privacy.without_rfc(ticket.subject),
        url=links.url(ticket),
    )
    href = whatsapp.address(str(ticket.requester_phone), text.strip())
    return _notice("info", "chat", _("They wrote by WhatsApp."), "", href, _("Answer there with the folio"))


def _to_classify(ticket: Ticket, config: DeskConfig, now: datetime) -> dict[str, Any]:
    """What it is has still to be said, and whom the client asks for."""
    assert ticket.classify_by is not None  # noqa: S101 - whoever calls saw to it
    when = faces.near(ticket.classify_by, config.zone, now)
    late = ticket.classify_by <= now
    text = (_("The hour to say what it is was over %s.") if late else _("Say what it is: until %s.")) % when
    if ticket.executive_asked_at is not None and ticket.executive_answered_at is None:
        executive = config.member(ticket.client.account_executive_id) if ticket.client else None
        text += " " + _("The client asks for their executive: %s.") % (
            executive.name if executive else _("they have none at this desk")
        )
    href = f"/tickets/{ticket.number}/reclassify/"
    return _notice("bad" if late else "warn", "sort", _("To classify."), text, href, _("Classify"))


def _task(task: TellTask, ticket: Ticket, config: DeskConfig, now: datetime) -> dict[str, Any]:
    """A client without e-mail is told by telephone, and that is ticked."""
    href = f"/tickets/{ticket.number}/avisado/{task.pk}/"
    if task.code == CALL_BACK:
        return _notice("warn", "shield", _("Make sure who asked:"), task.text, href, _("Called back"), post=True)
    phone = ticket.requester_phone.as_national if ticket.requester_phone else ""
    title = _("Tell %(name)s by telephone (%(phone)s):") % {"name": ticket.requester_name, "phone": phone}
    if task.not_before is not None and task.not_before > now:
        title = _("From %s on:") % faces.near(task.not_before, config.zone, now) + " " + title
    return _notice("warn", "phone", title, task.text, href, _("Told"), post=True)


# ------------------------------------------------------------------ the side


def strip(ticket: Ticket, config: DeskConfig, *, now: datetime) -> DayStrip | None:
    """Today's office hours with the present minute; None where the desk has no calendar."""
    if config.calendar_id is None:
        return None
    spans = _today(ticket.desk, config, now)
    words = _(" and ").join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in spans)
    label = _("Office today: %s") % words if words else _("No office today")
    return faces.day_strip(spans, tz=config.zone, now=now, label=label)


def _today(desk: Desk, config: DeskConfig, now: datetime) -> Spans:
    """The open stretches of the day, believed for a few seconds. No query when warm."""
    key = (config.version, now.astimezone(config.zone).date())
    kept = _spans.get(desk.pk)
    if kept and kept[1] == key and time.monotonic() - kept[0] < BELIEVED_SECONDS:
        return kept[2]
    found = desk_queries.open_status(desk, now).today
    _spans[desk.pk] = (time.monotonic(), key, found)
    return found


def clock_note(ticket: Ticket, clocks: Iterable[Clock]) -> str:
    """In which time the clocks count."""
    running = [clock for clock in clocks if clock.stopped_at is None]
    if not running:
        return ""
    if all(clock.calendar_version_id is None for clock in running):
        return _("They run around the clock: the operation is affected.")
    return _("They count office hours only.")


def appointment(row: Appointment | None, ticket: Ticket, config: DeskConfig, *, now: datetime) -> dict[str, Any] | None:
    """The booked attention."""
    card = agenda.booked(row, ticket, config, now=now)
    return {**card, "note": _("10 min of grace")} if card else None


def client(ticket: Ticket, actor: Actor, *, now: datetime) -> dict[str, Any]:
    """Who asks and for which company; a proposal stands apart until somebody accepts it."""
    phone = ticket.requester_phone
    rows = [
        _row(_("Company"), ticket.client.name if ticket.client else ""),
        _row(_("RFC"), ticket.client_rfc, mono=True),
        _row(_("RFC"), _RFC_FLAGS.get(ticket.rfc_flag, ""), pill="warn"),
        _row(_("Branch"), ticket.branch.name if ticket.branch else ""),
        _row(_("Contact"), ticket.requester_name),
        _row(_("Phone"), phone.as_national if phone else "", href=f"tel:{phone}"),
        _row(_("E-mail"), ticket.requester_email, href=f"mailto:{ticket.requester_email}"),
    ]
    proposed = None
    if ticket.proposed_client is not None and ticket.client is None:
        text = _("The RFC is of %s. Nothing of that company is shown until you say that it is them.")
        proposed = {
            "text": text % ticket.proposed_client.name,
            "accept_href": f"/tickets/{ticket.number}/empresa/",
        }
    # Who cannot invoice may get stamps before the money of their order is there (stamps, `advancing`).
    stopped = ticket.affects_operation and ticket.client_id is not None and ticket.is_open
    may_advance = stopped and guards.answers_for(ticket, actor, now)
    return {
        "rows": [row for row in rows if row["text"]],
        "href": "",
        "proposed": proposed,
        "advance_href": f"/tickets/{ticket.number}/anticipo/" if may_advance else "",
    }


_RFC_FLAGS: Final = {
    "check_digit": gettext_noop("Its check digit does not match"),
    "generic": gettext_noop("A generic RFC"),
}


def _row(label: str, text: Any, *, href: str = "", mono: bool = False, pill: str = "") -> dict[str, Any]:
    shown = _(str(text)) if pill and text else str(text)
    return {"label": label, "text": shown, "href": href if text else "", "mono": mono, "pill_tone": pill}


def request_facts(ticket: Ticket, config: DeskConfig, *, now: datetime) -> list[dict[str, str]]:
    """What was asked."""
    version = f" {ticket.product_version}" if ticket.product_version else ""
    lanes = {Lane.OFFICE: _("office"), Lane.ON_CALL: _("on call"), Lane.DEFERRED: _("next opening")}
    rows = [
        (_("Kind"), reasons.request_type(ticket.request_type)),
        (_("Lane"), lanes.get(Lane(ticket.lane), "").capitalize()),
        (_("Method"), reasons.method(ticket.support_method).capitalize() if ticket.support_method else ""),
        (_("Product"), f"{ticket.product.name}{version}" if ticket.product else version.strip()),
        (_("Deadline"), _deadline(ticket, config, now)),
        (_("Occurred"), localtime.when(ticket.occurred_at, config.zone, now) if ticket.occurred_at else ""),
        (_("Resolved"), localtime.when(ticket.resolved_at, config.zone, now) if ticket.resolved_at else ""),
        (_("Noted"), localtime.when(ticket.recorded_at, config.zone, now) if ticket.occurred_at else ""),
    ]
    return [{"label": label, "text": text} for label, text in rows if text]


def _deadline(ticket: Ticket, config: DeskConfig, now: datetime) -> str:
    if ticket.deadline_at is None:
        return ""
    kind = DeadlineKind(ticket.deadline_kind).label if ticket.deadline_kind else ""
    return " · ".join(part for part in (localtime.when(ticket.deadline_at, config.zone, now), str(kind)) if part)


def related(rows: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Other tickets of the same company or person."""
    return [
        {"href": f"/tickets/{number}/", "number": number, "text": f"{subject} · {_(STATUS[status][1]).lower()}"}
        for number, subject, status in rows
    ]
