"""What the timeline's codes mean, in plain Spanish: for staff by gettext, for clients in the desk's wording.

`sentence` says what happened, `because` the reasons of an automatic choice, one line each:
*Sábado 15:20, fuera de oficina; afecta la operación → de guardia: Iván Rentería*.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from core import localtime
from desks.config import DeskConfig
from tickets import pricing, reasons_order, reasons_writing
from tickets.models import TicketEvent

Codes = Mapping[str, Any]

# type -> (icon, tone) of the timeline
FACES: Final[Mapping[str, tuple[str, str]]] = {
    "opened": ("plus", "brand"),
    "assigned": ("user", "info"),
    "unassigned": ("alert", "warn"),
    "returned": ("inbox", "warn"),
    "given_back": ("inbox", "info"),
    "classification_late": ("alert", "bad"),
    "executive_asked": ("user", "warn"),
    "executive_answered": ("phone", "ok"),
    "taken": ("user", "brand"),
    "waiting_client": ("pause", "mute"),
    "waiting_third_party": ("pause", "mute"),
    "resumed": ("refresh", "brand"),
    "deferred": ("clock", "info"),
    "contested": ("bolt", "warn"),
    "scheduled": ("cal", "info"),
    "appointment_moved": ("cal", "info"),
    "appointment_confirmed": ("ok", "ok"),
    "appointment_cancelled": ("x", "mute"),
    "appointment_released": ("alert", "warn"),
    "attention_started": ("user", "brand"),
    "attended": ("check", "ok"),
    "price_asked": ("info", "info"),
    "price_accepted": ("ok", "ok"),
    "price_declined": ("x", "warn"),
    "reclassified": ("sort", "info"),
    "escalation_started": ("up2", "warn"),
    "escalation_step": ("bell", "warn"),
    "escalation_exhausted": ("alert", "bad"),
    "escalated": ("up2", "bad"),
    "handover_answered": ("shield", "info"),
    "acknowledged": ("eye", "ok"),
    "notice_lost": ("wifi", "bad"),
    "progress_missing": ("up2", "bad"),
    "silenced": ("clock", "warn"),
    "unsilenced": ("bell", "info"),
    "outage_declared": ("bolt", "bad"),
    "outage_ended": ("ok", "ok"),
    "outage_over": ("ok", "ok"),
    "joined_outage": ("bolt", "info"),
    "left_outage": ("swap", "info"),
    "lane_changed": ("shield", "warn"),
    "opened_line": ("inbox", "brand"),
    "clock_breached": ("alert", "bad"),
    "clock_recomputed": ("clock", "info"),
    "priority_raised": ("sortup", "warn"),
    "third_party_proposed": ("users", "info"),
    "third_party_joined": ("users", "ok"),
    "third_party_refused": ("x", "warn"),
    "third_party_left": ("x", "mute"),
    "third_party_wrote": ("msg", "info"),
    "third_party_shared": ("eye", "info"),
    "first_response_given": ("reply", "ok"),
    "message_added": ("msg", "brand"),
    "note_added": ("lock", "warn"),
    "client_told": ("phone", "ok"),
    "called_back": ("phone", "ok"),
    "resolved": ("check", "ok"),
    "closed": ("ok", "ok"),
    "reopened": ("refresh", "warn"),
    "cancelled": ("x", "mute"),
    "merged": ("swap", "mute"),
    "macro_run": ("bolt", "brand"),
    "absorbed": ("swap", "info"),
    "unmerged": ("swap", "info"),
    "client_identified": ("building", "ok"),
    "article_made": ("doc", "ok"),
    "article_linked": ("doc", "info"),
    "access_requested": ("lock", "info"),
    "access_given": ("lock", "ok"),
    "secret_caught": ("lock", "warn"),
    "secret_seen": ("eye", "warn"),
    "secret_destroyed": ("lock", "mute"),
    **reasons_order.FACES,
    **reasons_writing.FACES,
}

SENTENCES: Final[Mapping[str, str]] = {
    "macro_run": _("%(actor)s used the macro “%(macro)s”"),
    "opened": _("Filed %(channel)s"),
    "assigned": _("Assigned to %(name)s"),
    "unassigned": _("Left without anybody: nobody fits"),
    "classification_late": _("Nobody classified it within the hour: who supervises was told"),
    "executive_asked": _("The client asks for their account executive: %(executive)s"),
    "executive_answered": _("%(actor)s, account executive, spoke with the client"),
    "returned": _("%(name)s did not take it in %(minutes)s: it returns to the line"),
    "given_back": _("%(actor)s gave it back: it is in the line again"),
    "taken": _("%(actor)s attends it"),
    "waiting_client": _("Waiting for the client; the clocks rest"),
    "waiting_third_party": _("Waiting for a third party; the solution clock rests"),
    "resumed": _("Back to work"),
    "deferred": _("Deferred to %(starts_at)s"),
    "contested": _("The client cannot wait for the opening"),
    "scheduled": _("Appointment, %(method)s: %(starts_at)s, %(minutes)s"),
    "appointment_moved": _("Appointment moved, %(method)s: %(starts_at)s, %(minutes)s"),
    "appointment_confirmed": _("The client confirmed the appointment: %(starts_at)s"),
    "appointment_cancelled": _("Appointment called off by %(actor)s: %(starts_at)s"),
    "appointment_released": _("Nobody came within ten minutes: the appointment of %(starts_at)s is released"),
    "attention_started": _("%(actor)s attends the client, %(method)s"),
    "attended": _("Attended %(method)s, %(minutes)s: %(outcome)s"),
    "price_asked": _("The client is asked to accept %(price)s, %(method)s"),
    "price_accepted": _("Price accepted, %(method)s: %(price)s"),
    "price_declined": _("Price not accepted, %(method)s: %(price)s"),
    "reclassified": _("Reclassified: %(request_type)s, priority %(priority)s"),
    "escalation_started": _("Ladder armed: %(reason)s"),
    "escalation_step": _("Step %(step)s of the ladder: %(names)s told"),
    "escalation_exhausted": _("Nobody on the ladder answered; the client was told whom to call"),
    "escalated": _("Escalated by %(actor)s"),
    "handover_answered": _("%(actor)s, before the closing: %(reason)s"),
    "acknowledged": _("Acknowledged by %(actor)s"),
    "notice_lost": _("A notice could not be delivered; the next step is told"),
    "progress_missing": _("Acknowledged, but nothing happened since: the ladder goes on"),
    "silenced": _("%(actor)s silenced the ladder until %(until)s"),
    "unsilenced": _("%(actor)s let the ladder go on"),
    "outage_declared": _("%(actor)s declared the outage “%(outage)s”"),
    "outage_ended": _("The outage “%(outage)s” ended"),
    "outage_over": _("The client was told that the outage “%(outage)s” is over"),
    "article_made": _("%(actor)s made an article of it"),
    "article_linked": _("%(actor)s: an article tells of this"),
    "joined_outage": _("Joined the outage “%(outage)s”, under %(parent)s"),
    "left_outage": _("Taken out of the outage: a case of its own"),
    "lane_changed": _("Passed to on call: %(cause)s"),
    "opened_line": _("The desk opened: it enters the queue"),
    "clock_breached": _("%(clock)s expired"),
    "clock_recomputed": _("%(cause)s. %(clock)s moves from %(before)s to %(after)s"),
    "clock_recomputed.resting": _("%(cause)s. %(clock)s rests"),
    "priority_raised": _("A day is left to the deadline: priority %(priority)s"),
    "third_party_proposed": _("%(actor)s asked the client whether %(third)s may be asked"),
    "third_party_joined": _("The client agreed: %(third)s is in"),
    "third_party_refused": _("The client does not want %(third)s to be asked"),
    "third_party_left": _("%(third)s was taken out"),
    "third_party_wrote": _("%(actor)s wrote in the thread of %(third)s"),
    "third_party_shared": _("The answer of %(third)s was shown to the client"),
    "followed_up": _("Goes on in %(into)s"),
    "first_response_given": _("First response in %(used)s, of %(target)s"),
    "message_added": _("%(actor)s wrote"),
    "note_added": _("%(actor)s left a note"),
    "client_told": _("%(actor)s told the client by telephone"),
    "called_back": _("%(actor)s called back to a number on file"),
    "resolved": _("Resolved by %(actor)s"),
    "closed": _("Closed: %(cause)s"),
    "reopened": _("The client reopened it"),
    "cancelled": _("Cancelled by %(actor)s"),
    "merged": _("Merged into %(into)s"),
    "absorbed": _("%(ticket)s was merged into this one"),
    "unmerged": _("Taken out of the merger"),
    "client_identified": _("%(actor)s said which company it is"),
    "access_requested": _("%(actor)s asked the client for access data"),
    "access_given": _("%(actor)s gave access data through the link"),
    "secret_caught": _("%(actor)s wrote or attached a secret: it went to the vault"),
    "secret_seen": _("%(actor)s saw what the vault keeps: %(secret)s"),
    "secret_destroyed": _("The vault destroyed what it kept: %(cause)s"),
    **reasons_order.SENTENCES,
    **reasons_writing.SENTENCES,
}
CHANNELS: Final[Mapping[str, str]] = {
    "web": _("by web form"),
    "phone": _("by telephone"),
    "whatsapp": _("by WhatsApp"),
    "email": _("by e-mail"),
    "chat": _("by chat"),
    "api": _("by the API"),
}
REQUEST_TYPES: Final[Mapping[str, str]] = {
    "system_down": _("System down"),
    "operational_question": _("Operational question"),
    "usage_guidance": _("Usage guidance"),
    "remote_configuration": _("Remote configuration"),
    "customization": _("Customization"),
    "installation": _("Installation or activation"),
    "training": _("Training"),
    "new_project": _("New project"),
    "unsure": _("Not sure"),
}
PRIORITIES: Final[Mapping[str, str]] = {
    "critical": _("critical"),
    "high": _("high"),
    "normal": _("normal"),
    "low": _("low"),
}
METHODS: Final[Mapping[str, str]] = {
    "phone": _("by phone"),
    "remote": _("remote"),
    "on_site": _("on site"),
    "chat": _("by chat"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "resolved": _("solved"),
    "continues": _("goes on"),
    "other_method": _("goes on another way"),
    "no_answer": _("the client did not answer"),
}
CLOCKS: Final[Mapping[str, str]] = {
    "first_response": _("The first response"),
    "next_update": _("The next update"),
    "resolution": _("The solution"),
    "start": _("The beginning"),
}
CAUSES: Final[Mapping[str, str]] = {
    "closing": _("the desk closed and nobody had taken it"),
    "left_outage": _("it is no part of the outage"),
    "handed_over": _("handed over at the closing"),
    "handover_silence": _("the desk closed and its holder did not answer"),
    "contested": _("the client says that the operation is affected"),
    "reclassified": _("it was reclassified"),
    "confirmed": _("the client confirmed"),
    "silence": _("the client did not answer in the time agreed"),
    "by_hand": _("by hand"),
    "client_answered": _("the client answered"),
    "third_party_answered": _("the third party answered"),
    "resumed": _("by hand"),
    "appointment_cancelled": _("the appointment was called off"),
    "time": _("72 hours passed"),
    "case_over": _("the case ended"),
    **reasons_writing.CAUSES,
}
SECRETS: Final[Mapping[str, str]] = {
    "access": _("access data"),
    "password": _("password"),
    "key": _("private key"),
    "file": _("file"),
}
# Why the clocks were counted anew.
RECKONED: Final[Mapping[str, str]] = {
    "calendar": _("The desk's hours changed"),
    "reclassified": _("It was reclassified"),
    "contested": _("It could not wait for the opening"),
    "deadline": _("The deadline is near"),
    "plan": _("The client's plan is another"),
}
# Why somebody climbs a ladder, and why somebody got the ticket.
CLIMBS: Final[Mapping[str, str]] = {
    "filed": _("on call, affects the operation"),
    "closing": _("untaken at closing"),
    "handed_over": _("handed over at the closing"),
    "handover_silence": _("its holder did not answer at the closing"),
    "handover_keep": _("goes on with it"),
    "handover_hand": _("hands it to the person on call"),
    "contested": _("contested by the client"),
    "left_outage": _("no part of the outage"),
    "reclassified": _("reclassified"),
    "reassigned": _("handed to another person"),
    "client_asked": _("the client asked for it"),
    "cannot_solve": _("could not be solved"),
    "clock_first_response": _("no first response in time"),
    "clock_next_update": _("no update in time"),
    "clock_resolution": _("no solution in time"),
}
CHOICES: Final[Mapping[str, str]] = {
    "usual": _("knows this client"),
    "only_one": _("the only person available"),
    "least_load": _("has the least load"),
    "longest_waiting": _("has waited longest for a ticket"),
    "nobody_fits": _("nobody is available with room and skill"),
    "on_call": _("is on call"),
    "appointment": _("is free at the hour of the appointment"),
    "by_hand": _("assigned by hand"),
    "undone": _("comes back: the change was undone"),
    "executive": _("is the account executive whom the client asked for"),
    "substitute": _("stands in for who is absent"),
    "back": _("comes back to who had it before the absence"),
    "outage": _("has the outage that it is of"),
    "breach": _("the target expired: the superior takes it"),
}
PASSED_OVER: Final[Mapping[str, str]] = {
    "closed": _("%(name)s: the desk is closed"),
    "absent": _("%(name)s is absent these days"),
    "off_hours": _("%(name)s does not work at this hour"),
    "away": _("%(name)s is away"),
    "busy": _("%(name)s is busy"),
    "did_not_take": _("%(name)s has just left it untaken"),
    "resting": _("%(name)s attended at night and rests"),
    "no_skill": _("%(name)s does not attend that product"),
    "full": _("%(name)s has no room"),
}


def kind(event: TicketEvent) -> str:
    """The event's type without the noun in front: `resolved`."""
    return event.type.removeprefix("ticket.")


def face(event: TicketEvent) -> tuple[str, str]:
    """Icon and tone of the event."""
    return FACES.get(kind(event), ("info", "mute"))


def sentence(event: TicketEvent, config: DeskConfig, *, staff: bool) -> str:
    """What happened, in one sentence; clients read it in the desk's manner of address."""
    words = _words(event, config)
    name = kind(event)
    if name == "clock_recomputed":
        words["cause"] = _of(RECKONED, event.data.get("cause", "calendar"))
        name = name if event.data.get("after") else f"{name}.resting"
    if not staff:
        return config.say(f"timeline.{name}", **words)
    template = SENTENCES.get(name)
    return gettext(template) % words if template else name


def _words(event: TicketEvent, config: DeskConfig) -> dict[str, str]:
    """Every word that a sentence may need."""
    data: Codes = event.data
    return {
        "actor": _who(event),
        "name": (data.get("assignee") or {}).get("name", ""),
        "executive": (data.get("executive") or {}).get("name", "") or gettext("they have none at this desk"),
        "macro": str(data.get("name", "")),
        "third": (data.get("third_party") or {}).get("name", ""),
        "channel": _of(CHANNELS, data.get("channel")),
        "starts_at": _when(data.get("starts_at"), config, event.at),
        "method": _of(METHODS, data.get("method")),
        "minutes": localtime.minutes_label(data.get("minutes") or 0),
        "request_type": _of(REQUEST_TYPES, data.get("request_type")).lower(),
        "priority": _of(PRIORITIES, data.get("priority")),
        "reason": _of(CLIMBS, data.get("reason")),
        "step": str(data.get("step", "")),
        "names": ", ".join(person.get("name", "") for person in data.get("users", ())) or gettext("nobody"),
        "outcome": _of(OUTCOMES, data.get("outcome")),
        "price": pricing.money(Decimal(data.get("price") or 0)),
        "cause": _of(CAUSES, data.get("cause")),
        "clock": _of(CLOCKS, data.get("kind")),
        "outage": str(data.get("outage", "")),
        "parent": str(data.get("parent", "")),
        "until": _when(data.get("until"), config, event.at),
        "before": _when(data.get("before"), config, event.at),
        "after": _when(data.get("after"), config, event.at),
        "used": localtime.minutes_label(data.get("used_seconds", 0) / 60),
        "target": localtime.minutes_label(data.get("target_minutes", 0)),
        "into": str(data.get("into", "")),
        "ticket": str(data.get("number", "")),
        "secret": _of(SECRETS, data.get("kind")),
        **reasons_order.words(data, config),
    }


def _who(event: TicketEvent) -> str:
    """Who did it: of a call that a colleague wrote down, whoever attended it."""
    attended = (event.data.get("attended_by") or {}).get("name", "")
    return attended or (event.actor_label if event.actor_kind != "system" else gettext("The system"))


def _of(table: Mapping[str, str], code: object) -> str:
    """The word of a code; a code that is not known stands for itself, so that nothing is hidden."""
    return gettext(table[str(code)]) if code in table else str(code or "")


def choice(code: str) -> str:
    """What decided who gets a ticket."""
    return _of(CHOICES, code)


def passed_over(code: str, name: str) -> str:
    """Why somebody does not get it."""
    return gettext(PASSED_OVER[code]) % {"name": name} if code in PASSED_OVER else code


def climb_reason(code: str) -> str:
    """Why a ladder is being climbed."""
    return _of(CLIMBS, code)


def request_type(code: str) -> str:
    """The kind of request, as staff read it."""
    return _of(REQUEST_TYPES, code)


def method(code: str) -> str:
    """The way of attending, as staff read it."""
    return _of(METHODS, code)


def outcome(code: str) -> str:
    """How an attention ended, as staff read it."""
    return _of(OUTCOMES, code)


def _when(iso: object, config: DeskConfig, now: datetime) -> str:
    return localtime.when(datetime.fromisoformat(iso), config.zone, now) if isinstance(iso, str) else ""


# ------------------------------------------------------------------ reasons


def because(event: TicketEvent, config: DeskConfig, *, staff: bool) -> list[str]:
    """The reasons of an automatic choice, one line each; for clients those that concern them."""
    if kind(event) == "clock_recomputed":
        return _sum(event.data)
    why_codes = event.data.get("why")
    if kind(event) == "priority_raised":
        return [why(code, config, staff=staff) for code in why_codes or ()]
    if isinstance(why_codes, Mapping):  # who was chosen
        return _chosen(why_codes, config) if staff else []
    if isinstance(why_codes, Sequence) and why_codes:  # lane and priority
        return route_reasons(why_codes, config, at=event.at, staff=staff)
    if kind(event) == "resumed" and staff:
        return [_of(CAUSES, event.data.get("cause"))]
    return []


def _sum(data: Codes) -> list[str]:
    """`Objetivo 4 h − usadas 1 h 20 min = quedan 2 h 40 min`; nothing for what is no clock."""
    if "left_seconds" not in data:
        return []
    amounts = {
        "target": localtime.minutes_label(data["target_minutes"]),
        "used": localtime.minutes_label(data["used_seconds"] / 60),
        "left": localtime.minutes_label(data["left_seconds"] / 60),
    }
    return [gettext("Target %(target)s − used %(used)s = left %(left)s") % amounts]


def _chosen(why_codes: Codes, config: DeskConfig) -> list[str]:
    lines = [_of(CHOICES, why_codes.get("code")), *_absence(why_codes.get("absence"), config)]
    for refusal in why_codes.get("passed_over", ()):
        member = config.member(refusal.get("id"))
        if member is not None:
            lines.append(passed_over(refusal.get("code", ""), member.name))
    return lines


def _absence(said: Codes | None, config: DeskConfig) -> list[str]:
    member = config.member(said.get("user")) if said else None
    if said is None or member is None:
        return []
    return [gettext("%(name)s: absent until %(until)s") % {"name": member.name, "until": _exact(said["until"], config)}]


def route_reasons(codes: Iterable[Codes], config: DeskConfig, *, at: datetime, staff: bool) -> list[str]:
    """The reasons of a lane in one line, those of a priority in the next."""
    by_code = {code["code"]: code for code in codes}
    hours = [why(c, config, staff=staff) for name, c in by_code.items() if name in _HOURS]
    affected = [why(c, config, staff=staff) for name, c in by_code.items() if name in _AFFECTED]
    lane = [why(c, config, staff=staff) for name, c in by_code.items() if name in _LANES]
    rest = [why(c, config, staff=staff) for name, c in by_code.items() if name in _RANKS]
    moment = (
        f"{localtime.WEEKDAYS[at.astimezone(config.zone).weekday()].capitalize()} {localtime.hhmm(at, config.zone)}"
    )
    circumstances = "; ".join([", ".join([moment, *hours]), *affected])
    return [" → ".join([circumstances, *lane]), *rest]


_HOURS: Final = frozenset({"inside_office", "outside_office"})
_AFFECTED: Final = frozenset({"always_affects", "affects_operation", "does_not_affect"})
_LANES: Final = frozenset({"lane_office", "lane_on_call", "nobody_on_call", "lane_deferred"})
_RANKS: Final = frozenset({"priority", "deadline_near"})
WHY: Final[Mapping[str, str]] = {
    "inside_office": _("in office hours"),
    "outside_office": _("outside office hours"),
    "outside_office.day": _("outside office hours (%(day)s)"),
    "always_affects": _("an outage always affects the operation"),
    "affects_operation": _("affects the operation"),
    "does_not_affect": _("does not affect the operation"),
    "lane_office": _("attended by the desk"),
    "lane_on_call": _("on call: %(person)s"),
    "nobody_on_call": _("to be attended on call, but nobody is on call"),
    "lane_deferred": _("deferred to %(starts_at)s"),
    "priority": _("Priority %(priority)s by its kind: %(request_type)s"),
    "deadline_near": _("One priority higher: its deadline is %(deadline)s"),
}


def why(code: Codes, config: DeskConfig, *, staff: bool = True) -> str:
    """One reason of the routing rule in words."""
    name = str(code["code"])
    if name == "outside_office" and code.get("name"):
        name = "outside_office.day"
    member = config.member(code.get("user"))
    words = {
        "day": str(code.get("name", "")),
        "person": (member.name if staff else member.first_name) if member else "",
        "starts_at": _exact(code.get("starts_at"), config),
        "deadline": _exact(code.get("deadline"), config),
        "priority": _of(PRIORITIES, code.get("priority")),
        "request_type": _of(REQUEST_TYPES, code.get("request_type")).lower(),
    }
    if not staff:
        return config.say(f"why.{name}", **words)
    return gettext(WHY[name]) % words if name in WHY else name


def _exact(iso: object, config: DeskConfig) -> str:
    """An instant with its day: a reason is read on another one."""
    if not isinstance(iso, str):
        return ""
    local = datetime.fromisoformat(iso).astimezone(config.zone)
    return f"{localtime.day_label(local.date())}, {localtime.hhmm(local, config.zone)}"


def repeated(n: int) -> str:
    """How often somebody was told."""
    return ngettext("told once", "told %(n)d times", n) % {"n": n}
