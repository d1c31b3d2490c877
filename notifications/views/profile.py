"""A person's own page: tokens, channels that wake, theme and keyboard, second factor."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions as account_actions
from accounts import throttling
from accounts.models import ApiToken, User
from core import localtime
from core.actor import Actor
from core.errors import DomainError
from notifications import waking
from notifications.forms import ChannelForm, PreferencesForm, TokenForm
from notifications.models import WakeChannel
from notifications.views.people import actor_of, national, zone_of

NEW_TOKEN: Final = "new_token"  # noqa: S105 - a name in the session
YEAR_SECONDS: Final = 365 * 24 * 3600


@require_safe
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Show the page; a token just made is shown this once."""
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the page with empty forms, save those that were refused. 3 queries besides those of the frame."""
    actor, user = actor_of(request)
    now = timezone.now()
    response = render(
        request,
        "accounts/profile.html",
        {
            "page_title": _("My page"),
            "frame": "base_console.html" if actor.is_staff else "base_portal.html",
            "me": {"name": user.name, "email": user.email, "roles": _roles(actor)},
            "new_token": request.session.pop(NEW_TOKEN, None),
            "tokens": _tokens(user, now),
            "token_form": TokenForm(today=now.astimezone(zone_of(user)).date()),
            "token_href": reverse("token_make"),
            "preferences_form": PreferencesForm(instance=user),
            "preferences_href": reverse("preferences"),
            "mfa": _mfa(user),
            "password_href": reverse("account_change_password"),
            "logout_href": reverse("account_logout"),
            "channels": [_channel(channel, user, now) for channel in user.wake_channels.order_by("id")],
            "channel_form": ChannelForm() if actor.is_staff else None,
            "channel_href": reverse("channel_add"),
            **forms,
        },
        status=status,
    )
    response["Cache-Control"] = "private, no-store"
    return response


def _roles(actor: Actor) -> list[str]:
    names = {
        "consultant": _("Consultant"),
        "supervisor": _("Supervisor"),
        "manager": _("Manager"),
        "sales": _("Sales"),
    }
    held = set().union(*actor.desk_roles.values()) if actor.desk_roles else set()
    roles = [text for role, text in names.items() if role in held]
    return [*roles, _("Administrator")] if actor.is_admin else roles


def _tokens(user: User, now: datetime) -> list[dict[str, str]]:
    zone = zone_of(user)

    def when(at: datetime | None, otherwise: str) -> str:
        return localtime.when(at, zone, now) if at else otherwise

    return [
        {
            "label": token.label or token.prefix,
            "prefix": token.prefix,
            "created": when(token.created_at, ""),
            "expires": when(token.expires_at, _("Never")),
            "last_used": when(token.last_used_at, _("Not yet")),
            "state_text": _token_state(token, now),
            "tone": "ok" if token.is_usable(now) else "mute",
            "revoke_href": reverse("token_revoke", args=[token.pk]) if token.is_usable(now) else "",
        }
        for token in user.tokens.all()[:50]
    ]


def _token_state(token: ApiToken, now: datetime) -> str:
    if token.revoked_at:
        return _("Revoked")
    return _("In force") if token.is_usable(now) else _("Expired")


def _mfa(user: User) -> dict[str, Any]:
    active = is_mfa_enabled(user)
    return {
        "active": active,
        "text": _("Second factor is on") if active else _("Without second factor"),
        "href": reverse("mfa_index"),
        "codes_href": reverse("mfa_view_recovery_codes") if active else "",
    }


def _channel(channel: WakeChannel, user: User, now: datetime) -> dict[str, str]:
    zone = zone_of(user)
    if channel.acknowledged_at:
        text, tone = _("Answered %(when)s") % {"when": localtime.when(channel.acknowledged_at, zone, now)}, "ok"
    elif channel.tested_at:
        text, tone = _("Test sent %(when)s") % {"when": localtime.when(channel.tested_at, zone, now)}, "warn"
    else:
        text, tone = _("Not tested"), "warn"
    return {
        "kind_icon": "phone",
        "kind": channel.get_kind_display(),
        "address": national(channel.address),
        "state_text": text,
        "tone": tone,
        "test_href": reverse("channel_test", args=[channel.pk]),
        "remove_href": reverse("channel_remove", args=[channel.pk]),
    }


# --------------------------------------------------------------------------- verbs


@require_POST
@login_required
def make_token(request: HttpRequest) -> HttpResponse:
    """Make a token; its text waits in the session for the one page that shows it."""
    _actor, user = actor_of(request)
    now = timezone.now()
    form = TokenForm(request.POST, today=now.astimezone(zone_of(user)).date())
    if not form.is_valid():
        return _page(request, 422, token_form=form)
    label = form.cleaned_data["label"]
    _token, plaintext = account_actions.issue_token(
        user, label=label, now=now, expires_at=form.expires_at(zone_of(user))
    )
    request.session[NEW_TOKEN] = {"plaintext": plaintext, "label": label}
    return redirect("profile")


@require_POST
@login_required
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a token of one's own."""
    _actor, user = actor_of(request)
    account_actions.revoke_token(get_object_or_404(user.tokens, pk=pk), now=timezone.now())
    messages.success(request, _("The token opens nothing any more."))
    return redirect("profile")


@require_POST
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep name, phone, theme and keyboard; the theme also in a cookie, for pages before signing in."""
    _actor, user = actor_of(request)
    form = PreferencesForm(request.POST, instance=User.objects.get(pk=user.pk))
    if not form.is_valid():
        return _page(request, 422, preferences_form=form)
    saved = form.save()
    messages.success(request, _("Saved."))
    response = redirect("profile")
    response.set_cookie("theme", saved.theme, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    return response


@require_POST
@login_required
def add_channel(request: HttpRequest) -> HttpResponse:
    """Add a channel that wakes."""
    actor, user = actor_of(request)
    form = ChannelForm(request.POST)
    if not actor.is_staff or not form.is_valid():
        return _page(request, 422, channel_form=form if actor.is_staff else None)
    waking.add_channel(user, now=timezone.now(), **form.cleaned_data)
    messages.success(request, _("Added. Send a test and answer it."))
    return redirect("profile")


@require_POST
@login_required
def remove_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a channel of one's own."""
    actor, user = actor_of(request)
    waking.remove_channel(get_object_or_404(user.wake_channels, pk=pk), by=actor)
    messages.success(request, _("Removed."))
    return redirect("profile")


@require_POST
@login_required
def test_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test notice to a channel of one's own."""
    actor, user = actor_of(request)
    channel = get_object_or_404(user.wake_channels, pk=pk)
    try:
        throttling.check("wake_test", f"user:{user.pk}")
        waking.test_wake(channel, by=actor, now=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, _("The test is on its way; answer it by its link."))
    return redirect("profile")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def wake_test(request: HttpRequest, token: str) -> HttpResponse:
    """Show the test's page; only its button acknowledges, a GET never does.

    The link is the whole authority, no cookie adds to it, so there is nothing to forge; and browsers
    send `Origin: null` from a page without referrer, which the CSRF check would refuse.
    """
    channel = waking.read_token(token)
    if channel is not None and request.method == "POST":
        channel = waking.acknowledge_test(channel, now=timezone.now())
    response = render(
        request,
        "notifications/wake_test.html",
        {
            "page_title": _("Test notice"),
            "name": channel.user.get_short_name() if channel else "",
            "valid": channel is not None,
            "acknowledged": bool(channel and channel.acknowledged_at),
            "action": request.path,
        },
        status=200 if channel else 404,
    )
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    return response
