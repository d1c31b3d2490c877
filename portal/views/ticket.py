"""One ticket for its client: by signed link without an account, or signed in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import addresses, throttling
from core import localtime
from core.actor import Actor
from core.errors import Conflict, DomainError, Forbidden, Invalid, TooMany
from files import actions as file_actions
from files import serving
from portal import case, desknow, filed, outages, shell, vaultcard
from portal.desknow import Scene
from portal.forms import ReasonForm, ReplyForm
from portal.views import doors
from tickets import actions, lifecycle, links, queries
from tickets.actions import safekeeping, uploads
from tickets.lifecycle import Status
from tickets.models import Ticket, TicketEvent
from tickets.presenters import uploads as present_uploads
from tickets.views import ticket as staff

Row = dict[str, Any]
P = ParamSpec("P")

# Slug of the address -> verb of the contract.
REASONED: Final[Mapping[str, str]] = {
    "reabrir": "reopen",
    "urge": "contest",
    "ejecutivo": "executive",
    "escalar": "escalate",
    "cancelar": "cancel",
}
BARE: Final[Mapping[str, str]] = {"confirmar": "confirm", "separar": "leave"}
_DONE: Final[Mapping[str, str]] = {
    "reopen": "done.reopened",
    "contest": "done.contested",
    "executive": "done.executive",
    "escalate": "done.escalated",
    "cancel": "done.cancelled",
}
_ACTIONS: Final[Mapping[str, Callable[..., Ticket]]] = {
    "reopen": actions.reopen,
    "contest": actions.contest,
    "executive": actions.ask_executive,
    "escalate": actions.escalate,
    "cancel": actions.cancel,
}
_BARE_ACTIONS: Final[Mapping[str, tuple[Callable[..., Ticket], str]]] = {
    "confirm": (actions.confirm, "done.confirmed"),
    "leave": (actions.leave_outage, "done.left"),
}
_REFUSALS: Final = frozenset({"already_contested", "executive_asked", "ladder_exhausted", "not_joined"})


@dataclass(frozen=True, slots=True)
class Door:
    """A ticket as one reader came to it: who they are there, and the address that its verbs hang on."""

    ticket: Ticket
    actor: Actor
    scene: Scene
    base: str
    verbs: str
    stream: str
    by_link: bool


# ------------------------------------------------------------------ coming in


def by_link(view: Callable[Concatenate[HttpRequest, Door, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a signed link: what it stands for, or a page that reveals nothing.

    The token in the address is the only authority here, no cookie is asked: so there is nothing that
    another site could borrow, and no CSRF token to carry (with `no-referrer` browsers send `Origin: null`).
    """

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            throttling.check("link", f"anon:{addresses.digest(request)}")
        except TooMany as refusal:
            return private(doors.too_many(request, int(refusal.extra["retry_after"])))
        now = timezone.now()
        found = links.read(token, now=now)
        ticket = queries.visible(found[1]).select_related("requester").first() if found else None
        if found is None or ticket is None or ticket.desk.calendar_id is None:
            return private(expired(request))
        base = reverse("portal:link", args=[token])
        scene = desknow.at(ticket.desk, now)
        door = Door(ticket, found[1], scene, base, base, f"/stream/t/{token}/?v={ticket.version}", by_link=True)
        return private(view(request, door, *args, **kwargs))

    return opened


def private(response: HttpResponse) -> HttpResponse:
    """Who holds the address acts on the ticket: it is told to nobody and kept nowhere."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return doors.private(response)


def expired(request: HttpRequest) -> HttpResponse:
    """The same page for a link that is over, revoked, cut or made up."""
    around = shell.nowhere(timezone.now())
    context = {
        **around,
        "page_title": around["say"]["expired_title"],
        "report_href": "",
        "login_href": reverse("account_login"),
        "choose_href": reverse("portal:choose"),
    }
    return render(request, "portal/link_expired.html", context, status=404)


def signed_in(request: HttpRequest, number: str) -> Door:
    """The ticket that a client may read. Raises Http404."""
    actor = doors.actor_of(request)
    ticket = queries.one_with_requester(actor, number)
    if ticket is None:
        raise Http404
    return _door_of(ticket, actor)


def _door_of(ticket: Ticket, actor: Actor) -> Door:
    base = reverse("portal:ticket", args=[ticket.number])
    scene = desknow.at(ticket.desk, timezone.now())
    return Door(
        ticket,
        actor,
        scene,
        base,
        f"{base}cliente/",
        f"/stream/tickets/{ticket.number}/?v={ticket.version}",
        by_link=False,
    )


# ------------------------------------------------------------------ pages


@require_safe
@by_link
def link(request: HttpRequest, door: Door) -> HttpResponse:
    """The ticket of a link; right after filing (`?nuevo=1`) its number and what follows."""
    if "nuevo" in request.GET and filed.is_fresh(door.ticket):
        return _reported(request, door)
    return _page(request, door)


@require_safe
@login_required
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """`/tickets/{number}/`: the desk's people get the consultant's page, its client their own."""
    actor = doors.actor_of(request)
    found = queries.one_with_requester(actor, number)
    if found is None:
        raise Http404
    if actor.works_tickets(found.desk_id):
        return staff.detail(request, found)
    return client_ticket(request, found)


def client_ticket(request: HttpRequest, ticket: Ticket) -> HttpResponse:
    """The client's page of a ticket that they may read."""
    return doors.private(_page(request, _door_of(ticket, doors.actor_of(request))))


def _reported(request: HttpRequest, door: Door) -> HttpResponse:
    ticket, config = door.ticket, door.scene.config
    climb = queries.ladder(ticket) if ticket.lane == "on_call" else None
    worse = "contest" in case.offered(ticket, door.actor, door.scene)
    context = {
        **shell.around(config, now=door.scene.now, current="report"),
        "page_title": ticket.number,
        **filed.page(ticket, queries.clocks(ticket), climb, door.scene),
        "ticket_href": door.base,
        "file_href": f"{door.base}#responder",
        "worse_href": f"{door.base}#urge" if worse else "",
        "vault_note": config.say("vault_caught_notice") if ticket.vault_since else "",
        "joined": _joined(door),
        "draft_key": f"{config.slug}/reportar",
    }
    return render(request, "portal/reported.html", context)


def _joined(door: Door) -> Row | None:
    """That the report joined an outage, with the way out: *no es esto*."""
    found = outages.of_report(door.ticket, door.scene)
    if found is None:
        return None
    href = _address(door, "leave")
    return {"text": found["title"], "href": href, "action": door.scene.config.say("outage_apart")}


def _page(
    request: HttpRequest,
    door: Door,
    *,
    reply: ReplyForm | None = None,
    reasons: Mapping[str, ReasonForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The whole page. A fixed number of queries, whatever was said and done."""
    ticket, scene, actor = door.ticket, door.scene, door.actor
    config = scene.config
    events = queries.timeline(ticket, actor)
    clocks = queries.clocks(ticket)
    appointment = queries.appointment(ticket)
    offered = case.offered(ticket, actor, scene)
    lines = queries.conversation(ticket, actor)
    asked = dict(reasons or {})
    wrong = next((form for form in asked.values() if form.errors), reply)
    context = {
        **shell.around(
            config, now=scene.now, actor=None if door.by_link else actor, signs_in=False, stream=door.stream
        ),
        "page_title": f"{ticket.number} · {ticket.subject}",
        "form": wrong,
        "t": case.head(ticket, scene),
        "back": None if door.by_link else {"href": reverse("portal:home"), "text": config.say("home.back")},
        "on_call": _whom_to_call(ticket, events, scene),
        "steps": case.steps(ticket, events, scene),
        "next": case.upcoming(ticket, clocks, appointment, events, scene),
        "booking": _booking(door, events),
        "merged": _merged(door),
        "outage": outages.of_report(ticket, scene) if ticket.is_open else None,
        "follows": config.say("case.follows", number=ticket.follows.number) if ticket.follows else "",
        "can": {verb: _address(door, verb) for verb in offered},
        "unanswered": ticket.answered_at is None,
        "resolved": case.resolved(ticket, scene),
        "thread": case.thread(ticket, lines, events, actor, door.base, scene),
        "consents": case.consents(queries.third_parties(ticket), lines, door.verbs, scene),
        "reply_form": reply or ReplyForm(config=config, initial={"key": uuid.uuid4()}),
        "upload_href": f"{door.verbs}subidas/" if ticket.status not in lifecycle.ENDED else "",
        "uploads": present_uploads.rows(door.verbs, uploads.waiting(ticket, actor)),
        "reply_send": config.say("case.follow_up_send") if ticket.status == Status.CLOSED else "",
        "forms": {verb: asked.get(verb) or _blank_reason(door, verb) for verb in _ACTIONS},
        "clocks": case.clock_rows(clocks, scene, base=door.base),
        "facts": case.facts(ticket, scene),
        "vault": vaultcard.card(ticket, scene),
        "history": case.history(events, scene),
        "printed": config.say("case.printed", at=localtime.exact(scene.now, config.zone)),
    }
    return render(request, "portal/ticket.html", context, status=status)


def _booking(door: Door, events: Sequence[TicketEvent]) -> Row | None:
    """The way to the appointment, or to the price that waits for an answer; None once the ticket is over."""
    if not door.ticket.is_open or not door.scene.config.support_methods:
        return None
    waits = case.price_waits(events)
    key = "booking_link_price" if waits else "booking_link" if door.ticket.appointment_at else "booking_link_new"
    return {"href": f"{door.verbs}cita/", "text": door.scene.config.say(key), "primary": waits}


def _whom_to_call(ticket: Ticket, events: Sequence[TicketEvent], scene: Scene) -> Row | None:
    """The number that comes first: outside office hours, and at any hour where nobody on the ladder answered."""
    if not ticket.is_open:
        return None
    return desknow.call_first(scene, at_any_hour=case.nobody_answered(ticket, events))


def _blank_reason(door: Door, verb: str) -> ReasonForm:
    return ReasonForm(config=door.scene.config, auto_id=f"id_{verb}_%s")


def _address(door: Door, verb: str) -> str:
    slugs = {verb: slug for slug, verb in {**REASONED, **BARE}.items()} | {"reply": "responder"}
    return f"{door.verbs}{slugs[verb]}/"


def _merged(door: Door) -> Row | None:
    """The ticket that goes on, where the reader may open it."""
    into = door.ticket.merged_into
    if into is None:
        return None
    text = door.scene.config.say("case.merged", number=into.number)
    if not door.by_link:
        readable = queries.visible(door.actor).filter(pk=into.pk).exists()
        return {"text": text, "href": reverse("portal:ticket", args=[into.number]) if readable else ""}
    own = into.requester_id in door.actor.contact_ids
    return {"text": text, "href": reverse("portal:link", args=[links.token(into)]) if own else ""}


# ------------------------------------------------------------------ verbs

_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


@_GET_OR_POST
@by_link
def link_verb(request: HttpRequest, door: Door, verb: str) -> HttpResponse:
    """A verb by link. A GET only shows the ticket: mail scanners open every address."""
    return _verb(request, door, verb)


@_GET_OR_POST
@login_required
def verb(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """A verb of a client who is signed in."""
    return doors.private(_verb(request, signed_in(request, number), verb))


def _verb(request: HttpRequest, door: Door, slug: str) -> HttpResponse:
    if request.method != "POST":
        return redirect(door.base)
    try:
        if slug in BARE:
            return _bare(request, door, BARE[slug])
        return _reply(request, door) if slug == "responder" else _with_reason(request, door, REASONED[slug])
    except Forbidden as refusal:
        raise PermissionDenied from refusal
    except TooMany as refusal:
        wait = int(refusal.extra["retry_after"])
        again_at = door.scene.now + timedelta(seconds=wait + 59)  # to the minute, and not one too early
        at = localtime.hhmm(again_at, door.scene.config.zone)
        return _stands(request, door, "refused.too_often", status=429, wait=wait, at=at)
    except Conflict as refusal:
        key = f"refused.{refusal.code}" if refusal.code in _REFUSALS else "refused.state"
        return _stands(request, door, key)


def _stands(
    request: HttpRequest, door: Door, key: str, *, status: int = 409, wait: int = 0, **params: str
) -> HttpResponse:
    """The ticket as it stands now, with why nothing was done."""
    messages.warning(request, door.scene.config.say(key, **params))
    fresh = queries.visible(door.actor).select_related("requester").get(pk=door.ticket.pk)
    now_door = Door(fresh, door.actor, door.scene, door.base, door.verbs, door.stream, by_link=door.by_link)
    response = _page(request, now_door, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _done(request: HttpRequest, door: Door, key: str, href: str = "") -> HttpResponse:
    messages.success(request, door.scene.config.say(key))
    return doors.see_other(href or door.base)


def _bare(request: HttpRequest, door: Door, verb: str) -> HttpResponse:
    """A verb that asks nothing."""
    act, done = _BARE_ACTIONS[verb]
    act(door.ticket, by=door.actor, now=door.scene.now)
    return _done(request, door, done)


def _with_reason(request: HttpRequest, door: Door, verb: str) -> HttpResponse:
    form = ReasonForm(request.POST, config=door.scene.config, auto_id=f"id_{verb}_%s")
    if form.is_valid():
        try:
            _ACTIONS[verb](door.ticket, by=door.actor, now=door.scene.now, reason=form.text("reason"))
        except Invalid as refusal:
            _blame(form, refusal, "reason")
        else:
            _tell_caught(request, door, safekeeping.catch(form.text("reason")))
            return _done(request, door, _DONE[verb])
    return _page(request, door, reasons={verb: form}, status=doors.UNPROCESSABLE)


def _reply(request: HttpRequest, door: Door) -> HttpResponse:
    """Add a word; after the end it opens a follow-up."""
    form = ReplyForm(request.POST, request.FILES, config=door.scene.config)
    if not form.is_valid():
        return _page(request, door, reply=form, status=doors.UNPROCESSABLE)
    now, body, key = door.scene.now, form.text("body"), form.cleaned_data.get("key")
    ahead = uploads.ids_of(request.POST.getlist("uploads"))
    try:
        with transaction.atomic() if ahead else nullcontext():
            attachments = uploads.claim(door.ticket, ahead, by=door.actor)
            if len(attachments) < len(ahead) and not queries.is_followed_up(door.ticket, key):
                raise uploads.gone()
            attachments += [file_actions.store(upload, now=now) for upload in form.good_files]
            if door.ticket.status == Status.CLOSED:
                follower = actions.follow_up(
                    door.ticket, by=door.actor, now=now, body=body, files=attachments, intake_key=key
                )
                return doors.see_other(_address_of(follower, door))
            actions.add_message(door.ticket, by=door.actor, now=now, body=body, files=attachments)
    except Invalid as refusal:
        _blame(form, refusal, "body")
        return _page(request, door, reply=form, status=doors.UNPROCESSABLE)
    _tell_caught(request, door, safekeeping.catch(body, attachments))
    return _done(request, door, "done.replied", f"{door.base}#responder")


def _tell_caught(request: HttpRequest, door: Door, caught: safekeeping.Caught) -> None:
    """Say on screen what did not stay in the conversation."""
    if caught.any:
        messages.warning(request, door.scene.config.say("vault_caught_notice"))


def _address_of(follower: Ticket, door: Door) -> str:
    if door.by_link:
        return f"{reverse('portal:link', args=[links.token(follower)])}?nuevo=1"
    return reverse("portal:ticket", args=[follower.number])


def _blame(form: ReasonForm | ReplyForm, refusal: DomainError, field: str) -> None:
    for error in refusal.errors:
        form.add_error(error.field if error.field in form.fields else field, str(error.message))


# ------------------------------------------------------------------ files


@require_safe
@by_link
def link_file(request: HttpRequest, door: Door, file_id: uuid.UUID) -> HttpResponse:
    """A file that came with a message which the link may read."""
    attachment = queries.attachment(door.ticket, door.actor, file_id)
    if attachment is None:
        raise Http404
    response: HttpResponseBase = serving.download_response(attachment)
    return response  # type: ignore[return-value]  # a FileResponse streams
