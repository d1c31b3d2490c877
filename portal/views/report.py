"""Filing an incident: the form, its side card, and the way to the number."""

from __future__ import annotations

import copy
import uuid
from datetime import UTC
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import throttling
from core import localtime
from core.errors import Invalid, TooMany
from desks.models import Product
from files import actions as file_actions
from files.models import Attachment
from portal import clarity, desknow, keeping, outages, outlook, people, shelf, shell, words
from portal.desknow import Scene
from portal.forms import IMPACTS, NEEDS, Person, ReportForm
from portal.views import doors
from tickets import actions as ticket_actions
from tickets import links
from tickets.intake import Intake
from tickets.models import Ticket

Row = dict[str, Any]

# Field of the contract -> field of the form, for refusals that only the action can find.
_FIELDS = {
    "requester.name": "name",
    "requester.email": "email",
    "requester.phone": "phone",
    "request_type": "need",
    "impact": "impact",
}


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """The incident form. A refused send comes back whole (422): texts, choices, and the files that were good."""
    scene = doors.scene_of(slug)
    person = _person(request, scene)
    if request.method != "POST":
        return _draw(request, scene, person, _blank(request, scene, person))
    data = copy.copy(request.POST)  # of its own, to set the key in
    key = _own_key(data)
    kept = keeping.files(data.getlist("kept"), key=key)
    sent = _bound(data, request, scene, person, n_kept=len(kept))
    try:
        throttling.check("open_ticket", doors.who_asks(request))
    except TooMany as refusal:
        return _later(request, scene, person, sent, kept, refusal)
    if data.get("resolvio"):
        return _not_needed(request, scene, person, sent, kept, str(data["resolvio"]))
    if sent.is_valid():
        return _file(request, scene, person, sent, kept)
    return _refused(request, scene, person, sent, kept)


def _person(request: HttpRequest, scene: Scene) -> Person:
    today = scene.now.astimezone(scene.config.zone).date()
    return people.person_of(doors.actor_of(request), scene.config.vendor_id, today=today)


def _own_key(data: QueryDict) -> uuid.UUID:
    """The form's own key: a button pressed twice files once. A new one where none came, or none that is one."""
    try:
        key = uuid.UUID(data.get("key", ""))
    except ValueError:
        key = uuid.uuid4()
    data["key"] = str(key)
    return key


def _blank(request: HttpRequest, scene: Scene, person: Person) -> ReportForm:
    initial: Row = {"key": uuid.uuid4(), "need": "", "impact": "", "client": request.GET.get("empresa", "")}
    if person.contact is not None:
        phone = person.contact.phone
        initial |= {"phone": phone.as_national if phone else "", "email": person.contact.email}
    return ReportForm(
        initial=initial,
        config=scene.config,
        person=person,
        now=scene.now,
        is_open=scene.status.is_open,
        outages=outages.active(scene),
    )


def _bound(data: QueryDict, request: HttpRequest, scene: Scene, person: Person, *, n_kept: int = 0) -> ReportForm:
    return ReportForm(
        data,
        request.FILES,
        config=scene.config,
        person=person,
        now=scene.now,
        is_open=scene.status.is_open,
        n_kept=n_kept,
        outages=outages.active(scene),
    )


# ------------------------------------------------------------------ filing


def _file(request: HttpRequest, scene: Scene, person: Person, sent: ReportForm, kept: list[Attachment]) -> HttpResponse:
    """Open the ticket and go on to its number; the same form again goes to the same number."""
    kept = [*kept, *_store(sent, scene)]
    actor = doors.actor_of(request)
    try:
        ticket = ticket_actions.open_ticket(scene.desk, _intake(scene, person, sent, kept), by=actor, now=scene.now)
    except IntegrityError:  # the same form, sent at the same moment: the other one filed it
        found = Ticket.objects.filter(intake_key=sent.form_key(), desk=scene.desk).first()
        if found is None:
            raise
        ticket = found
    except Invalid as refusal:
        for error in refusal.errors:
            name = _FIELDS.get(error.field, error.field)
            sent.add_error(name if name in sent.fields else None, str(error.message))
        return _refused(request, scene, person, sent, kept, stored=True)
    return doors.see_other(f"{reverse('portal:link', args=[links.token(ticket)])}?nuevo=1")


def _store(sent: ReportForm, scene: Scene) -> list[Attachment]:
    return [file_actions.store(upload, now=scene.now) for upload in sent.good_files]


def _intake(scene: Scene, person: Person, sent: ReportForm, kept: list[Attachment]) -> Intake:
    answer, data = sent.answer, sent.cleaned_data
    assert answer is not None  # noqa: S101 - the form is valid
    contact = person.contact
    return Intake(
        request_type=answer.request_type,
        affects_operation=answer.affects_operation,
        impact=answer.impact,
        subject=sent.text("subject"),
        description=sent.text("description"),
        name=contact.name if contact is not None else sent.text("name"),
        email=sent.text("email"),
        phone=data.get("phone") or "",
        channel="web",
        product=_product(scene, sent),
        product_version=sent.text("product_version"),
        support_method=sent.text("support_method"),
        client=sent.chosen_client(),
        client_rfc=sent.text("client_rfc"),
        branch=sent.chosen_branch(),
        deadline_at=sent.deadline_at.astimezone(UTC) if sent.deadline_at else None,
        deadline_kind=data.get("deadline_kind") or "",
        files=tuple(kept),
        intake_key=sent.form_key(),
        lessons=sent.n_lessons(),
        wants_executive=bool(data.get("executive")),
        outage=sent.chosen_outage(),
    )


def _product(scene: Scene, sent: ReportForm) -> Product | None:
    """The product as a row, of what the desk's configuration knows of it. 0 queries."""
    found = sent.chosen_product()
    if found is None:
        return None
    return Product(id=found.id, vendor_id=scene.config.vendor_id, slug=found.slug, name=found.name)


# ------------------------------------------------------------------ coming back


def _refused(
    request: HttpRequest,
    scene: Scene,
    person: Person,
    sent: ReportForm,
    kept: list[Attachment],
    *,
    stored: bool = False,
) -> HttpResponse:
    """The form again with what is wrong; good files are kept, a lesson is counted, the trap is emptied."""
    if not stored:
        kept = [*kept, *_store(sent, scene)]
    again = sent.data
    assert isinstance(again, QueryDict)  # noqa: S101 - a copy of ours
    if sent.held:
        again["lessons"] = keeping.lessons_token(sent.n_lessons() + 1, key=sent.form_key())
    again["website"] = ""
    return _draw(request, scene, person, sent, kept=kept, status=doors.UNPROCESSABLE)


def _not_needed(
    request: HttpRequest, scene: Scene, person: Person, sent: ReportForm, kept: list[Attachment], article: str
) -> HttpResponse:
    """An article solved it, without script: nothing is sent, and the form stays as it was written."""
    sent.is_valid()
    sent.errors.clear()
    kept = [*kept, *_store(sent, scene)]
    return _draw(
        request, scene, person, sent, kept=kept, beside=shelf.solved(_place(scene), doors.who_asks(request), article)
    )


def _later(
    request: HttpRequest, scene: Scene, person: Person, sent: ReportForm, kept: list[Attachment], refusal: TooMany
) -> HttpResponse:
    """Too many from one place: the form stays as it was written, nothing is stored."""
    seconds = int(refusal.extra["retry_after"])
    sent.is_valid()
    sent.errors.clear()
    wait = localtime.minutes_label(-(-seconds // 60))
    sent.add_error(None, scene.config.say("form.too_often", wait=wait))
    response = _draw(request, scene, person, sent, kept=kept, status=429)
    response["Retry-After"] = str(seconds)
    return response


# ------------------------------------------------------------------ drawing


def _draw(
    request: HttpRequest,
    scene: Scene,
    person: Person,
    shown: ReportForm,
    *,
    kept: list[Attachment] | None = None,
    status: int = 200,
    beside: Row | None = None,
) -> HttpResponse:
    config = scene.config
    key = shown.form_key()
    context = {
        **shell.around(config, now=scene.now, actor=doors.actor_of(request), current="report"),
        "page_title": config.say("report_title"),
        "form": shown,
        "needs": [_choice(config.say, "need", n, shown, vendor=config.vendor_name) for n in NEEDS],
        "impacts": [_choice(config.say, "impact", n, shown) for n in IMPACTS],
        "methods": [_method(scene, name, shown) for name in shown.methods()],
        "method_note": _method_note(scene, shown),
        "subject_hint": config.say("report_subject_hint"),
        "kept_files": [
            {"token": keeping.file_token(file, key=key), "name": file.filename, "size": words.size(file.size)}
            for file in kept or []
        ],
        "quality": clarity.of(str(shown["description"].value() or ""), config) if shown.is_bound else None,
        "quality_href": reverse("portal:clarity", args=[config.slug]),
        "help": beside or _beside(scene, shown),
        "help_href": reverse("portal:report-help", args=[config.slug]) if scene.desk.has_help else "",
        "outlook": _outlook(scene, shown),
        "outlook_href": reverse("portal:outlook", args=[config.slug]),
        "strip": desknow.strip(scene),
        "on_call": desknow.call_first(scene),
        "outages": outages.notices(shown.outages, scene),
        "outage_choices": outages.choices(shown.outages, str(shown["outage"].value() or ""), scene)
        if shown.outages
        else [],
        "phone": desknow.phone(scene) if scene.status.is_open else None,
        "draft_key": f"{config.slug}/reportar",
        "bound": shown.is_bound,
        "deadline_time_label": config.say("form.deadline_time"),
        "deadline_time_hint": config.say("form.deadline_time_hint"),
        "deadline_kind_label": config.say("form.deadline_kind"),
    }
    return doors.private(render(request, "portal/report.html", context, status=status))


def _choice(say: Any, kind: str, name: str, shown: ReportForm, **params: str) -> Row:
    return {
        "value": name,
        "title": say(f"{kind}_{name}"),
        "hint": say(f"{kind}_{name}_hint", **params),
        "checked": shown[kind].value() == name,
        "disabled": False,
    }


def _method(scene: Scene, name: str, shown: ReportForm) -> Row:
    config = scene.config
    hint = config.say(f"method_{name}_hint")
    price = next((plan.extra_prices[name] for plan in config.plans if name in plan.extra_prices), None)
    if price is not None:
        hint = config.say("form.extra_price", price=price)
    return {
        "value": name,
        "title": config.say(f"method_{name}"),
        "hint": hint,
        "checked": shown["support_method"].value() == name,
        "disabled": False,
    }


def _method_note(scene: Scene, shown: ReportForm) -> str:
    hidden = "on_site" in scene.config.support_methods and "on_site" not in shown.methods()
    return scene.config.say("method_outside_note") if hidden else ""


def _beside(scene: Scene, shown: ReportForm) -> Row:
    """The articles for what came back; none on an empty form. At most 1 query."""
    if not shown.is_bound:
        return shelf.NOTHING
    names = ("subject", "description", "product", "product_version", "impact")
    return shelf.offers(_place(scene), **{name: str(shown[name].value() or "") for name in names})


def _place(scene: Scene) -> shelf.Place:
    return shelf.Place(scene.desk, scene.config, scene.now)


def _outlook(scene: Scene, shown: ReportForm) -> Row:
    """The side card for what the form holds; odd values show what most people choose."""
    need, impact = shown["need"].value(), shown["impact"].value()
    return outlook.card(
        scene,
        need=need if need in NEEDS else "",
        impact=impact if impact in IMPACTS else "",
        client=shown.chosen_client() if shown.is_bound and hasattr(shown, "cleaned_data") else None,
        deadline_at=shown.deadline_at,
    )


# ------------------------------------------------------------------ fragments


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The side card for what is marked so far; changes nothing."""
    scene = doors.scene_of(slug)
    person = _person(request, scene)
    marked = _bound((request.POST if request.method == "POST" else request.GET).copy(), request, scene, person)
    marked.is_valid()
    context = {
        "say": scene.config.phrases(vendor=scene.config.vendor_name),
        "outlook": _outlook(scene, marked),
        "strip": desknow.strip(scene),
    }
    return doors.private(render(request, "portal/report.html#outlook", context))


@require_POST
def judged(request: HttpRequest, slug: str) -> HttpResponse:
    """How clear the description is so far; advice only."""
    scene = doors.scene_of(slug)
    text = request.POST.get("description", "")[:20_000]
    return doors.private(render(request, "portal/report.html#quality", {"quality": clarity.of(text, scene.config)}))
