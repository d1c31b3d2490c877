"""`/cola/vistas/`: keeping the queue as it is shown under a name, changing and deleting what was kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import Invalid
from desks.models import Desk
from tickets import forms
from tickets.actions import savedviews as actions
from tickets.forms_views import ViewForm
from tickets.models import SavedView
from tickets.queries import board
from tickets.queries import savedviews as queries
from tickets.views import asking
from tickets.views.doors import Request, draw, staff_door

HOME: Final = "/cola/vistas/"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def new(request: Request) -> HttpResponse:
    """*Guardar esta vista*: the parameters stand in the address as in that of the queue."""
    request.desks = desks = board.desks_of(request.actor)
    params = _params(request, desks)
    form = _form(request, desks, None)
    if form.is_valid():
        try:
            view = actions.keep_view(
                by=request.actor,
                now=request.moment,
                name=form.cleaned_data["name"],
                params=params,
                desk_id=form.cleaned_data.get("desk"),
            )
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors)
        else:
            messages.success(request, _("The view “%s” is kept.") % view.name)
            return redirect(asking.href(params, saved=view.pk))
    return _draw(request, desks, form, params, title=_("Keep this view"))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_door
def edit(request: Request, pk: int) -> HttpResponse:
    """Rename, share, take back. The address may bring the filters of now, which can take the place of the kept ones."""
    view = _mine(request, pk)
    request.desks = desks = board.desks_of(request.actor)
    fresh = _params(request, desks) if asking.known(request.GET) else None
    renews = fresh is not None and fresh != _params_of(request, view, desks)
    form = _form(request, desks, view, renews=renews)
    if form.is_valid():
        params = fresh if fresh is not None and form.cleaned_data.get("renew") else view.params
        try:
            actions.change_view(
                view,
                by=request.actor,
                name=form.cleaned_data["name"],
                params=params,
                desk_id=form.cleaned_data.get("desk"),
            )
        except Invalid as refusal:
            forms.add_errors(form, refusal.errors)
        else:
            messages.success(request, _("The view “%s” is kept.") % view.name)
            return redirect(asking.href(params, saved=view.pk))
    return _draw(
        request, desks, form, view.params, title=_("Change the view"), view=view, fresh=fresh if renews else None
    )


@require_POST
@staff_door
def delete(request: Request, pk: int) -> HttpResponse:
    """Delete a saved view: no ticket changes by it."""
    view = _mine(request, pk)
    actions.drop_view(view, by=request.actor)
    messages.success(request, _("The view “%s” is deleted.") % view.name)
    return redirect(asking.QUEUE)


def _mine(request: Request, pk: int) -> SavedView:
    """A view that the person may change. Raises Http404 for one that they do not see, Forbidden for another."""
    view = queries.one(request.actor, pk)
    if view is None:
        raise Http404
    actions.guard(view, request.actor)
    return view


def _params(request: Request, desks: Sequence[Desk]) -> dict[str, str]:
    wanted, chosen = asking.asked(request.GET, desks, user_id=request.actor.user_id, now=request.moment)
    return asking.kept(wanted, chosen)


def _params_of(request: Request, view: SavedView, desks: Sequence[Desk]) -> dict[str, str]:
    wanted, chosen = asking.asked(view.params, desks, user_id=request.actor.user_id, now=request.moment)
    return asking.kept(wanted, chosen)


def _form(request: Request, desks: Sequence[Desk], view: SavedView | None, *, renews: bool = False) -> ViewForm:
    data = request.POST if request.method == "POST" else None
    initial = {"name": view.name, "desk": view.desk_id} if view else {}
    return ViewForm(data, initial=initial, desks=queries.shared_desks(request.actor, desks), renews=renews)


def _draw(
    request: Request,
    desks: Sequence[Desk],
    form: ViewForm,
    params: Mapping[str, str],
    *,
    title: str,
    view: SavedView | None = None,
    fresh: Mapping[str, str] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "page_title": title,
        "form": form,
        "href": request.get_full_path(),
        "back_href": asking.href(fresh or params, saved=view.pk if view else None),
        "holds": asking.words_of(params, desks),
        "holds_now": asking.words_of(fresh, desks) if fresh is not None else [],
        "delete_href": f"{HOME}{view.pk}/borrar/" if view else "",
        "shared": bool(view and view.desk_id),
    }
    return draw(request, "tickets/saved_view.html", context, status=422 if form.is_bound else 200)
