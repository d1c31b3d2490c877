"""What changes a desk. Every action that writes a row of it ends with `touch`."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Forbidden, Invalid
from desks.models import Availability, Desk, Membership


def touch(desk: Desk) -> None:
    """Raise the version of the desk's configuration, so that no process goes on with the old one.

    Called last: what is read between the touch and a later write would be kept under the new version.
    """
    Desk.objects.filter(pk=desk.pk).update(config_version=F("config_version") + 1)
    desk.refresh_from_db(fields=["config_version"])


@transaction.atomic
def set_availability(membership: Membership, *, by: Actor, availability: str) -> Membership:
    """Say whether the person takes new work: the person themselves, or who supervises the desk."""
    if availability not in Availability.values:
        raise Invalid.field("availability", "invalid_choice", _("Choose one of the list."))
    if by.user_id != membership.user_id and not by.supervises(membership.desk_id):
        raise Forbidden
    if membership.availability != availability:
        membership.availability = availability
        membership.save(update_fields=["availability"])
        touch(membership.desk)
    return membership
