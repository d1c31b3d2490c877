"""The people of a desk as its managers change them, and how work is shared out among them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import MANAGER, Actor
from core.errors import FieldError, Forbidden, Invalid
from desks import actions as desk_actions
from desks.models import Availability, Desk, Membership
from schedules.models import BusinessCalendar

MOST_OPEN = 1000
LONGEST_TAKE = 2400


@transaction.atomic
def change(
    membership: Membership,
    *,
    skills: Sequence[str],
    max_open: int,
    availability: str,
    reports_to: int | None,
    calendar: str,
    by: Actor,
) -> Membership:
    """Say what a person attends, up to how much, to whom they answer and in which hours.

    `skills` are slugs of products, empty for all; `reports_to` the id of a membership; `calendar` the slug of one of
    the desk, "" for the hours of the desk. Raises Forbidden for who does not manage it, Invalid with every fault.
    """
    desk = membership.desk
    if not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    list(Desk.objects.select_for_update().filter(pk=desk.pk).values_list("pk"))  # circles are looked for under a lock
    errors = [*_faults(desk, skills, max_open, availability), *_superior_faults(desk, membership, reports_to)]
    own = BusinessCalendar.objects.filter(scope=desk.slug, slug=calendar, is_active=True).first() if calendar else None
    if calendar and own is None:
        errors.append(FieldError("calendar", "unknown_calendar", _("Choose one of the list.")))
    if errors:
        raise Invalid(errors=errors)
    membership = Membership.objects.select_related("desk").get(pk=membership.pk)
    membership.skills, membership.max_open, membership.availability = list(skills), max_open, availability
    membership.reports_to_id, membership.calendar = reports_to, own
    membership.save(update_fields=["skills", "max_open", "availability", "reports_to", "calendar"])
    desk_actions.touch(desk)
    return membership


def _faults(desk: Desk, skills: Sequence[str], max_open: int, availability: str) -> list[FieldError]:
    known = set(desk.vendor.products.filter(is_active=True).values_list("slug", flat=True))
    found = []
    if set(skills) - known:
        found.append(FieldError("skills", "unknown_product", _("Choose one of the list.")))
    if not 1 <= max_open <= MOST_OPEN:
        found.append(FieldError("max_open", "out_of_range", _("Between 1 and 1,000.")))
    if availability not in Availability.values:
        found.append(FieldError("availability", "invalid_choice", _("Choose one of the list.")))
    return found


def _superior_faults(desk: Desk, membership: Membership, reports_to: int | None) -> list[FieldError]:
    """Nobody stands above themselves, at whatever distance: a ladder must end."""
    if reports_to is None:
        return []
    above = dict(Membership.objects.filter(desk=desk, is_active=True).values_list("pk", "reports_to_id"))
    if reports_to not in above:
        return [FieldError("reports_to", "unknown_person", _("Choose a person of this desk."))]
    at: int | None = reports_to
    for _step in range(len(above) + 1):
        if at == membership.pk:
            return [FieldError("reports_to", "circle", _("Nobody can stand above themselves."))]
        at = above.get(at) if at is not None else None
    return []


@transaction.atomic
def set_sharing(desk: Desk, *, take_minutes: int, usual_first: bool, by: Actor) -> Desk:
    """Say after how many open minutes what nobody took returns to the line (0: never), and who comes first.

    Raises Forbidden for who does not manage the desk, Invalid.
    """
    if not by.has_role(desk.pk, MANAGER):
        raise Forbidden
    if not 0 <= take_minutes <= LONGEST_TAKE:
        raise Invalid.field("take_minutes", "out_of_range", _("Between 0 and 2,400 minutes."))
    if (desk.take_minutes, desk.usual_first) != (take_minutes, usual_first):
        desk.take_minutes, desk.usual_first = take_minutes, usual_first
        desk.save(update_fields=["take_minutes", "usual_first"])
        desk_actions.touch(desk)
    return desk
