"""*Editar la guardia*: the rule of the rota, for managers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actor import MANAGER
from core.errors import Conflict, Invalid
from desks import forms_rotas, rota_actions, rota_queries
from desks import queries as desk_queries
from desks.forms_rotas import RuleForm
from desks.models import Desk
from desks.views_rotas import Request, back, rota_door
from schedules.models import BusinessCalendar, Rota
from schedules.rota_spec import MAX_LAYERS, Rule


@require_http_methods(["GET", "HEAD", "POST"])
@rota_door
def edit(request: Request) -> HttpResponse:
    """Edit the rule: saving writes a version that holds from now on; what was stays. Managers only."""
    if not request.actor.has_role(request.desk.pk, MANAGER):
        raise PermissionDenied
    rota = Rota.objects.get(pk=request.desk.rota_id or 0)
    newest, rule = rota_queries.newest_rule(rota.pk)
    if request.method != "POST":
        n_layers = (len(rule.layers) if rule else 0) + 1
        initial = forms_rotas.rule_initial(rota.name, rule, newest.pk if newest else None, n_layers)
        return _draw_rule(request, _rule_form(request, n_layers, initial=initial), rule)
    try:
        n_layers = max(1, min(MAX_LAYERS, int(request.POST.get("layers", "1"))))
    except ValueError:
        n_layers = 1
    form = _rule_form(request, n_layers, data=request.POST)
    if form.is_valid():
        try:
            _save(request, form, rule)
        except Invalid as refusal:
            form.adopt(refusal.errors)
        except Conflict as refusal:
            form.add_error(None, str(refusal.message))
            return _draw_rule(request, form, rule, status=409)
        else:
            messages.success(request, _("Saved: it holds from now on."))
            return back(request)
    return _draw_rule(request, form, rule, status=422)


def _rule_form(request: Request, n_layers: int, **kwargs: Any) -> RuleForm:
    return RuleForm(people=desk_queries.config(request.desk).attending, n_layers=n_layers, **kwargs)


def _save(request: Request, form: RuleForm, rule: Rule | None) -> None:
    rota_actions.save_rule(
        request.desk,
        name=form.cleaned_data["name"],
        rule=form.rule(rule, _office_slug(request.desk, rule)),
        by=request.actor,
        now=request.moment,
        base=form.cleaned_data["base"],
    )


def _office_slug(desk: Desk, rule: Rule | None) -> str | None:
    """The calendar that the rota leaves to the office: the one that it named, else the desk's."""
    if rule is not None and rule.outside:
        return rule.outside
    return BusinessCalendar.objects.filter(pk=desk.calendar_id or 0).values_list("slug", flat=True).first()


def _draw_rule(request: Request, form: RuleForm, rule: Rule | None, *, status: int = 200) -> HttpResponse:
    config = desk_queries.config(request.desk)
    people = config.attending
    awake = rota_queries.wakeable(member.user_id for member in people)
    inside = rule.people if rule else frozenset()
    context = {
        "page_title": _("Edit the rota"),
        "form": form,
        "layers": list(form.layer_rows()),
        "asleep": [
            {"name": member.name, "inside": member.user_id in inside}
            for member in people
            if member.user_id not in awake
        ],
        "desk": {"name": request.desk.name, "slug": request.desk.slug},
        "back_href": f"/guardias/?mesa={request.desk.slug}",
    }
    return render(request, "desks/rota_edit.html", context, status=status)
