"""`/datos/{token}/`: the client writes access data, once, on a page of their own (docs/vault.md)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import addresses, throttling
from clients import vault, vaultcases
from clients.models import VaultRequest
from clients.vaultcases import Case
from core import localtime
from core.errors import TooMany
from portal import desknow, shell
from portal.desknow import Scene
from portal.vaultforms import AccessForm
from portal.views import doors

DONE = "listo"


@require_http_methods(["GET", "HEAD", "POST"])
@csrf_exempt  # the token in the address is the only authority, as with links to a ticket
@sensitive_post_parameters()
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Show the form, or keep what was sent: 303 when it is kept, 422 with the form, 404 for a link that is over.

    A GET changes nothing, since scanners of mail open every address.
    """
    try:
        throttling.check("link", f"anon:{addresses.digest(request)}")
    except TooMany as refusal:
        return _private(doors.too_many(request, int(refusal.extra["retry_after"])))
    asked = vault.find_request(token)
    case = vaultcases.read(asked.topic) if asked else None
    if asked is None or case is None or case.desk.calendar_id is None:
        return _private(_over(request, None))
    return _private(_opened(request, token, asked, case, desknow.at(case.desk, timezone.now())))


def _opened(request: HttpRequest, token: str, asked: VaultRequest, case: Case, scene: Scene) -> HttpResponse:
    if asked.used_at is not None and request.method != "POST" and DONE in request.GET:
        return _done(request, asked, scene)
    if not asked.is_open_at(scene.now) or case.is_over():
        return _over(request, scene)
    if request.method != "POST":
        return _form(request, asked, case, scene, AccessForm(config=scene.config))
    form = AccessForm(request.POST, request.FILES, config=scene.config)
    if not form.is_valid():
        return _form(request, asked, case, scene, form, status=doors.UNPROCESSABLE)
    try:
        vault.give(token, items=form.items(), now=scene.now)
    except (vault.LinkOver, vault.CaseOver):  # somebody was faster
        return _over(request, scene)
    return doors.see_other(f"{reverse('portal:vault', args=[token])}?{DONE}=1")


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return doors.private(response)


def _form(
    request: HttpRequest, asked: VaultRequest, case: Case, scene: Scene, form: AccessForm, *, status: int = 200
) -> HttpResponse:
    say = scene.config.say
    context = {
        **shell.around(scene.config, now=scene.now, signs_in=False),
        "page_title": say("vault_title"),
        "form": form,
        "lead": say("vault.lead", who=asked.asked_by_label, number=case.number, what=asked.what or say("vault.what")),
        "until": say("vault.until", until=localtime.exact(asked.expires_at, scene.config.zone)),
    }
    return render(request, "portal/vault.html", context, status=status)


def _done(request: HttpRequest, asked: VaultRequest, scene: Scene) -> HttpResponse:
    say = scene.config.say
    assert asked.used_at is not None  # noqa: S101 - whoever calls has looked
    until = localtime.exact(asked.used_at + vault.LIFETIME, scene.config.zone)
    context = {
        **shell.around(scene.config, now=scene.now, signs_in=False),
        "page_title": say("vault_done_title"),
        "tone": "ok",
        "icon": "lock",
        "title": say("vault_done_title"),
        "text": say("vault.done", who=asked.asked_by_label, until=until),
    }
    return render(request, "portal/vault_state.html", context)


def _over(request: HttpRequest, scene: Scene | None) -> HttpResponse:
    """The same for a link that was used, is too old, was taken back or made up."""
    around = shell.around(scene.config, now=scene.now, signs_in=False) if scene else shell.nowhere(timezone.now())
    say = around["say"]
    context = {
        **around,
        "page_title": say["vault_over_title"],
        "tone": "mute",
        "icon": "key",
        "title": say["vault_over_title"],
        "text": say["vault_over_text"],
    }
    return render(request, "portal/vault_state.html", context, status=404)
