"""*Avisos*: every notice with its state and text; what was given up can be sent again."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from core import localtime, privacy
from core.actor import Actor
from core.errors import DomainError, Invalid
from core.paging import Key, page
from notifications import actions, queries, rendering
from notifications.models import Channel, Notification, NotificationQuerySet
from notifications.views.people import actor_of, national, zone_of

PAGE_SIZE: Final = 25


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Show a page of notices. 2 queries besides those of the frame."""
    actor, user = actor_of(request)
    if not actor.is_staff:
        raise PermissionDenied
    view = request.GET.get("ver", "all")
    notices = queries.visible_to(actor, user)
    chosen = _chosen(notices, view, user).defer("rendered")
    try:
        found = page(chosen, [Key("id", descending=True)], cursor=request.GET.get("cursor"), size=PAGE_SIZE)
    except Invalid:
        return redirect(_href(view))
    show = Shower(actor, zone_of(user), timezone.now())
    return render(
        request,
        "notifications/list.html",
        {
            "page_title": _("Notices"),
            "tabs": _tabs(view, queries.counts(notices)),
            "notices": [show(notice) for notice in found.items],
            "empty": _empty(view),
            "previous_href": _href(view, found.previous) if found.previous else "",
            "next_href": _href(view, found.next) if found.next else "",
        },
    )


def _chosen(notices: NotificationQuerySet, view: str, user: User) -> NotificationQuerySet:
    if view == "mine":
        return notices.filter(queries.sent_to(user))
    if view not in queries.FILTERS:
        raise Http404
    return notices.filter(queries.FILTERS[view])


def _tabs(view: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    texts = {
        "all": _("All"),
        "pending": _("Pending"),
        "delivered": _("Those delivered"),
        "dead": _("Those not delivered"),
        "mine": _("For me"),
    }
    return [
        {"href": _href(name), "text": text, "count": counts.get(name), "current": name == view}
        for name, text in texts.items()
    ]


def _href(view: str, cursor: str | None = None) -> str:
    query = {name: value for name, value in (("ver", view if view != "all" else ""), ("cursor", cursor)) if value}
    return reverse("notices") + (f"?{urlencode(query)}" if query else "")


def _empty(view: str) -> dict[str, str]:
    if view == "all":
        return {"title": _("No notices yet"), "text": _("What the desk tells people appears here."), "href": ""}
    return {
        "title": _("No notices in this view"),
        "text": _("Nothing waits and nothing failed here."),
        "href": _href("all"),
        "action": _("See all"),
    }


class Shower:
    """Turns rows into what the page prints."""

    def __init__(self, actor: Actor, zone: ZoneInfo, now: datetime) -> None:
        self.may_manage = queries.may_manage(actor)
        self.zone = zone
        self.now = now

    def __call__(self, notice: Notification) -> dict[str, Any]:
        """Return the values of one row."""
        state, text, tone = self._state(notice)
        subject, body = _texts(notice)
        manages = self.may_manage(notice)
        number = str(notice.params.get("number") or "")
        return {
            "id": notice.pk,
            "state": state,
            "state_text": text,
            "tone": tone,
            "icon": "mail" if notice.channel == Channel.EMAIL else "phone",
            "recipient": notice.recipient if notice.channel == Channel.EMAIL else national(notice.recipient),
            "subject": subject,
            "text": body,
            "at": self._when(notice.created_at),
            "sent": self._when(notice.sent_at),
            "attempts": notice.attempts,
            "error": notice.last_error,
            "wakes": notice.wakes,
            "ticket": {"href": f"{_place(notice)}{number}/", "number": number} if number else None,
            "retry_href": reverse("notice_retry", args=[notice.pk]) if manages and notice.dead_at else "",
            "cancel_href": reverse("notice_cancel", args=[notice.pk])
            if manages and state in ("pending", "retrying", "planned") and not notice.wakes
            else "",
        }

    def _when(self, at: datetime | None) -> str:
        return localtime.when(at, self.zone, self.now) if at else ""

    def _state(self, notice: Notification) -> tuple[str, str, str]:
        """Return the code, the words and the tone of a notice's state."""
        if notice.outcome == "bounced":
            return "bounced", _("Refused"), "bad"
        if notice.dead_at:
            return "dead", _("Not delivered"), "bad"
        if notice.sent_at:
            return "delivered", _("Delivered"), "ok"
        if notice.cancelled_at:
            return "cancelled", _("Cancelled"), "mute"
        return self._pending(notice)

    def _pending(self, notice: Notification) -> tuple[str, str, str]:
        if notice.lease_until and notice.lease_until > self.now:
            return "sending", _("On its way"), "info"
        if notice.attempts:
            return "retrying", _("Next attempt %(when)s") % {"when": self._when(notice.next_attempt_at)}, "warn"
        if notice.next_attempt_at > self.now:
            return "planned", _("Planned for %(when)s") % {"when": self._when(notice.next_attempt_at)}, "info"
        return "pending", _("Waiting to go"), "info"


def _place(notice: Notification) -> str:
    """Where what the notice is about has its page: orders of stamps are no tickets."""
    return "/timbres/" if notice.topic.startswith("order/") else "/tickets/"


def _texts(notice: Notification) -> tuple[str, str]:
    """Return subject and text as sent, or as they will be; links that open something are cut."""
    text = privacy.without_links(notice.rendered_text or rendering.preview(notice))
    if notice.channel == Channel.EMAIL:
        subject, _gap, body = text.partition("\n\n")
        return subject, body
    return text.partition(". ")[0], text


# --------------------------------------------------------------------------- verbs


@require_POST
@login_required
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a given-up notice again."""
    notice, actor = _managed(request, pk)
    try:
        actions.retry_dead(notice, by=actor, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The notice will be sent again."))
    return redirect("notices")


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a pending notice from going out; one that wakes is not cancelled by hand."""
    notice, _actor = _managed(request, pk)
    if notice.wakes:
        messages.error(request, _("A notice that wakes ends with the ticket's ladder."))
    elif actions.cancel(key=notice.key, now=timezone.now()):
        messages.success(request, _("The notice will not be sent."))
    else:
        messages.error(request, _("It had gone out already."))
    return redirect("notices")


def _managed(request: HttpRequest, pk: int) -> tuple[Notification, Actor]:
    """Return a visible notice that the actor may manage: 404 when not visible, 403 when only to be read."""
    actor, user = actor_of(request)
    if not actor.is_staff:
        raise PermissionDenied
    notice = queries.visible_to(actor, user).filter(pk=pk).first()
    if notice is None:
        raise Http404
    if not queries.may_manage(actor)(notice):
        raise PermissionDenied
    return notice, actor
