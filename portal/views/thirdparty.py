"""*Sumar a su proveedor*: the client's consent, and the thread of somebody outside by their own signed link."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import addresses, throttling
from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid, TooMany
from files import actions as file_actions
from files import serving
from portal import case, desknow, shell
from portal.desknow import Scene
from portal.forms import ReplyForm
from portal.views import doors
from portal.views.ticket import Door, by_link, expired, private, signed_in
from tickets import lifecycle, queries, thirdlinks
from tickets.actions import thirdparties
from tickets.lifecycle import Status
from tickets.models import ThirdParty

P = ParamSpec("P")
Row = dict[str, Any]
ANSWERS: Final = {
    "autorizar": (thirdparties.grant, "third.granted"),
    "rechazar": (thirdparties.refuse, "third.refused"),
}
_GET_OR_POST = require_http_methods(["GET", "HEAD", "POST"])


# ------------------------------------------------------------------ the client's consent


@_GET_OR_POST
@by_link
def link_consent(request: HttpRequest, door: Door, pk: int, answer: str) -> HttpResponse:
    """Yes or no by link. A GET only shows the ticket."""
    return _consent(request, door, pk, answer)


@_GET_OR_POST
@login_required
def consent(request: HttpRequest, number: str, pk: int, answer: str) -> HttpResponse:
    """Yes or no of a client who is signed in."""
    return doors.private(_consent(request, signed_in(request, number), pk, answer))


def _consent(request: HttpRequest, door: Door, pk: int, answer: str) -> HttpResponse:
    third = ThirdParty.objects.select_related("ticket").filter(ticket=door.ticket, pk=pk).first()
    if third is None or answer not in ANSWERS:
        raise Http404
    if request.method != "POST":
        return redirect(door.base)
    act, words = ANSWERS[answer]
    say = door.scene.config.say
    try:
        act(third, by=door.actor, now=door.scene.now)
    except Forbidden as refusal:
        raise PermissionDenied from refusal
    except Conflict:
        messages.warning(request, say("third.answered_before"))
    else:
        messages.success(request, say(words, name=third.name))
    return doors.see_other(door.base)


# ------------------------------------------------------------------ the thread of somebody outside


@dataclass(frozen=True, slots=True)
class Outside:
    """A thread as its third party came to it."""

    third: ThirdParty
    actor: Actor
    scene: Scene
    base: str


def _by_their_link(view: Callable[Concatenate[HttpRequest, Outside, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a third party's link: their thread, or the page that reveals nothing. The token is the only authority."""

    @csrf_exempt
    @wraps(view)
    def opened(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            throttling.check("link", f"anon:{addresses.digest(request)}")
        except TooMany as refusal:
            return private(doors.too_many(request, int(refusal.extra["retry_after"])))
        now = timezone.now()
        found = thirdlinks.read(token, now=now)
        if found is None or found[0].ticket.desk.calendar_id is None:
            return private(expired(request))
        third, actor = found
        scene = desknow.at(third.ticket.desk, now)
        door = Outside(third, actor, scene, reverse("portal:third-party", args=[token]))
        return private(view(request, door, *args, **kwargs))

    return opened


@require_safe
@_by_their_link
def page(request: HttpRequest, door: Outside) -> HttpResponse:
    """The thread, and the box to write in."""
    return _page(request, door)


@_GET_OR_POST
@_by_their_link
def reply(request: HttpRequest, door: Outside) -> HttpResponse:
    """Write in the thread; a GET only shows it."""
    if request.method != "POST":
        return redirect(door.base)
    config, now = door.scene.config, door.scene.now
    form = ReplyForm(request.POST, request.FILES, config=config)
    if not form.is_valid():
        return _page(request, door, form=form, status=doors.UNPROCESSABLE)
    try:
        files = [file_actions.store(upload, now=now) for upload in form.good_files]
        thirdparties.write(door.third, by=door.actor, now=now, body=form.text("body"), files=files)
    except Invalid as refusal:
        for error in refusal.errors:
            form.add_error("body", str(error.message))
        return _page(request, door, form=form, status=doors.UNPROCESSABLE)
    except Conflict:
        messages.warning(request, config.say("third.over"))
        return _page(request, door, status=409)
    messages.success(request, config.say("third.sent"))
    return doors.see_other(door.base)


@require_safe
@_by_their_link
def file(request: HttpRequest, door: Outside, file_id: uuid.UUID) -> HttpResponse:
    """A file that came with a message of the thread."""
    attachment = queries.attachment(door.third.ticket, door.actor, file_id)
    if attachment is None:
        raise Http404
    response: HttpResponseBase = serving.download_response(attachment)
    return response  # type: ignore[return-value]  # a FileResponse streams


def _page(request: HttpRequest, door: Outside, *, form: ReplyForm | None = None, status: int = 200) -> HttpResponse:
    ticket, config, now = door.third.ticket, door.scene.config, door.scene.now
    lines = queries.conversation(ticket, door.actor)
    writes = ticket.status in lifecycle.OPEN or ticket.status == Status.RESOLVED
    context = {
        **shell.around(config, now=now, signs_in=False),
        "page_title": config.say("third.page_title", number=ticket.number, desk=ticket.desk.name),
        "heading": config.say("third.title", desk=ticket.desk.name),
        "intro": config.say("third.intro", number=ticket.number),
        "over": "" if writes else config.say("third.over"),
        "thread": [case.line_of_third(line, door.third, door.base, door.scene) for line in lines],
        "form": form,
        "reply_form": form or ReplyForm(config=config),
        "reply_href": f"{door.base}responder/" if writes else "",
        "words": {name: config.say(f"third.{name}") for name in ("reply", "send", "thread")},
    }
    return render(request, "portal/third_party.html", context, status=status)
