"""*Plantillas*: the canned answers of a desk and one's own, written with a preview beside them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import Conflict, Forbidden, Invalid
from desks import queries as desk_queries
from desks.config import DeskConfig
from desks.models import Desk
from tickets import canned, forms, forms_canned
from tickets import queries as ticket_queries
from tickets.actions import canned as actions
from tickets.forms_canned import CannedForm
from tickets.models import CannedAnswer
from tickets.presenters import inserting as present
from tickets.queries import board
from tickets.queries import canned as queries
from tickets.views.doors import Request, draw, message_of, staff_door

LIST: Final = "canned-answers"


@require_safe
@staff_door
def index(request: Request) -> HttpResponse:
    """Draw the canned answers of a desk and one's own. 8 statements, with those of session and frame."""
    desk = desk_of(request)
    rows = [_row(answer, request) for answer in queries.of_desk(desk, request.actor)]
    context = {
        "page_title": _("Canned answers"),
        **listed(request, desk, rows, LIST, mine=_("Mine (canned answers)")),
        "new_href": f"{reverse('canned-answer-new')}?mesa={desk.slug}",
    }
    return draw(request, "tickets/canned_answers.html", context)


def listed(request: Request, desk: Desk, rows: list[dict[str, Any]], name: str, *, mine: str) -> dict[str, Any]:
    """What a desk's page of that name lists: the desk's, one's own under `mine`, and those that were put away."""
    active = [row for row in rows if row["active"]]
    return {
        "desk": {"name": desk.name, "slug": desk.slug},
        "desks": _others(request, desk, name),
        "groups": [
            {"id": "mesa", "title": _("Of the desk"), "rows": [row for row in active if not row["own"]]},
            {"id": "mias", "title": mine, "rows": [row for row in active if row["own"]]},
        ],
        "away": [row for row in rows if not row["active"]],
    }


def desk_of(request: Request) -> Desk:
    """The desk that is named, else the first; it comes first around the page. Raises Http404. 1 query."""
    desks = board.desks_of(request.actor)
    wanted = request.GET.get("mesa")
    desk = next((desk for desk in desks if wanted in (None, "", desk.slug)), None)
    if desk is None:
        raise Http404
    request.desks = [desk, *(other for other in desks if other.pk != desk.pk)]
    return desk


def _others(request: Request, desk: Desk, name: str) -> list[dict[str, Any]]:
    """The same page at the other desks of the person; [] for who works at one."""
    rows = [
        {"href": f"{reverse(name)}?mesa={other.slug}", "text": other.name, "current": other.pk == desk.pk}
        for other in sorted(request.desks, key=lambda one: one.name)
    ]
    return rows if len(rows) > 1 else []


def _row(answer: CannedAnswer, request: Request) -> dict[str, Any]:
    may = actions.may_write(answer.desk_id, answer.owner_id, request.actor)
    return {
        "title": answer.title,
        "shortcut": answer.shortcut,
        "excerpt": canned.excerpt(answer.body),
        "product": answer.product.name if answer.product else "",
        "files": len(answer.attached),  # type: ignore[attr-defined]  # the query annotates it
        "used": answer.n_used,
        "own": answer.owner_id is not None,
        "active": answer.is_active,
        "href": reverse("canned-answer", args=[answer.pk]) if may else "",
        "state_href": reverse("canned-answer-state", args=[answer.pk]) if may else "",
    }


# ------------------------------------------------------------------ writing one


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """Write a new one. *Vista previa* draws it without saving; 422 with the form on error."""
    desk = desk_of(request)
    owners = owners_of(desk, request)
    config = desk_queries.config(desk)
    if request.method != "POST":
        first = {"whose": owners[0] if owners else ""}
        return _draw(request, desk, CannedForm(initial=first, config=config, owners=owners))
    form = CannedForm(request.POST, request.FILES, config=config, owners=owners)
    if "preview" in request.POST or not form.is_valid():
        return _draw(request, desk, form)
    try:
        actions.create(desk, form.draft(), own=form.is_own, by=request.actor, now=request.moment)
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors)
        return _draw(request, desk, form)
    messages.success(request, _("Saved: %s.") % form.cleaned_data["title"])
    return redirect(f"{reverse(LIST)}?mesa={desk.slug}")


def owners_of(desk: Desk, request: Request) -> list[str]:
    """Whose a new one may be: the desk's for who supervises it, and one's own."""
    owners = ((forms_canned.OF_DESK, None), (forms_canned.OWN, request.actor.user_id))
    return [code for code, owner in owners if actions.may_write(desk.pk, owner, request.actor)]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def one(request: Request, pk: int) -> HttpResponse:
    """Change one that is yours to change. 409 when somebody else changed it meanwhile, with what was typed."""
    answer = _theirs(request, pk)
    desk = answer.desk
    request.desks = [desk]
    made: dict[str, Any] = {"config": desk_queries.config(desk), "answer": answer}
    if request.method != "POST":
        return _draw(request, desk, CannedForm(initial=forms_canned.initial_of(answer), **made), answer)
    form = CannedForm(request.POST, request.FILES, **made)
    if "preview" in request.POST or not form.is_valid():
        return _draw(request, desk, form, answer)
    try:
        seen = form.cleaned_data["version"] or 0
        actions.change(answer, form.draft(), seen=seen, by=request.actor, now=request.moment)
    except Invalid as refusal:
        forms.add_errors(form, refusal.errors)
        return _draw(request, desk, form, answer)
    except Conflict as refusal:
        form.add_error(None, message_of(refusal))
        return _draw(request, desk, form, answer, status=409)
    messages.success(request, _("Saved: %s.") % form.cleaned_data["title"])
    return redirect(f"{reverse(LIST)}?mesa={desk.slug}")


def _theirs(request: Request, pk: int) -> CannedAnswer:
    """The canned answer, for who may change it. Raises Http404, Forbidden. 1 query."""
    answer = queries.one(request.actor, pk)
    if answer is None:
        raise Http404
    if not actions.may_write(answer.desk_id, answer.owner_id, request.actor):
        raise Forbidden(_("Who supervises the desk writes its canned answers."))
    return answer


def _draw(
    request: Request, desk: Desk, form: CannedForm, answer: CannedAnswer | None = None, status: int = 0
) -> HttpResponse:
    tried = "preview" in request.POST
    errors = bool(form.errors) and not tried
    context = {
        "page_title": answer.title if answer else _("New canned answer"),
        "desk": {"name": desk.name, "slug": desk.slug},
        "form": form,
        "files": [{"box": box} for box in form["dropped"]] if answer else [],
        "places": [{"name": name, "example": text} for name, text in canned.PLACES.items()],
        "preview": _preview(request, desk, desk_queries.config(desk), form),
        "quiet": tried,
        "whose": _("Mine (canned answers)") if answer and answer.owner_id else _("Of the desk"),
        "is_new": answer is None,
        "theirs_href": reverse("canned-answer", args=[answer.pk]) if answer and status == 409 else "",
        "back_href": f"{reverse(LIST)}?mesa={desk.slug}",
    }
    return draw(request, "tickets/canned_answer.html", context, part="vista", status=status or (422 if errors else 200))


def _preview(request: Request, desk: Desk, config: DeskConfig, form: CannedForm) -> dict[str, Any]:
    """The text filled in by the ticket that was named, else by invented data. Up to 2 queries."""
    body, number = str(form["body"].value() or ""), str(form["ticket"].value() or "").strip()
    found = ticket_queries.one(request.actor, number) if number else None
    ticket = found if found is not None and found.desk_id == desk.pk else None
    values = queries.values(ticket, config, request.actor, now=request.moment) if ticket else canned.PLACES
    return {
        **present.preview(canned.fill(actions.tidy(body), values)),
        "with": ticket.number if ticket else "",
        "no_such": number if number and ticket is None else "",
        "unknown": ", ".join(canned.unknown(body)),
    }


@require_POST
@staff_door
def state(request: Request, pk: int) -> HttpResponse:
    """Put one away (`activa=0`), or bring it back (`activa=1`)."""
    answer = _theirs(request, pk)
    active = request.POST.get("activa") == "1"
    actions.set_active(answer, active, by=request.actor, now=request.moment)
    done = _("“%s” is in use again.") if active else _("“%s” was put away; texts that were sent stay.")
    messages.success(request, done % answer.title)
    return redirect(f"{reverse(LIST)}?mesa={answer.desk.slug}")
