"""Forms of *Personas*: what a person attends and up to how much; how work is shared out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig, Member
from desks.models import Availability
from desks.people_actions import LONGEST_TAKE, MOST_OPEN
from schedules.models import BusinessCalendar


class PersonForm(forms.Form):
    """A person of the desk as its manager changes them."""

    skills = forms.MultipleChoiceField(label=_("Products"), required=False, widget=forms.CheckboxSelectMultiple)
    max_open = forms.IntegerField(label=_("Open tickets at most"), min_value=1, max_value=MOST_OPEN)
    availability = forms.ChoiceField(label=_("Availability"), choices=Availability.choices)
    reports_to = forms.TypedChoiceField(label=_("Superior"), coerce=int, required=False, empty_value=None)
    calendar = forms.ChoiceField(label=_("Hours"), required=False)

    def __init__(
        self, *args: Any, config: DeskConfig, member: Member, calendars: Sequence[BusinessCalendar], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        others = [one for one in config.members if one.user_id != member.user_id]
        self._choose("skills", [(product.slug, product.name) for product in config.products])
        self._choose("reports_to", [("", _("Nobody")), *((one.membership_id, one.name) for one in others)])
        self._choose("calendar", [("", _("Those of the desk")), *((row.slug, row.name) for row in calendars)])
        self.fields["skills"].help_text = _("None marked: attends all of them.")
        self.fields["calendar"].help_text = _("Outside these hours nothing is given to the person by itself.")

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]


def initial_of(member: Member, config: DeskConfig, calendars: Sequence[BusinessCalendar]) -> dict[str, Any]:
    superior = config.member(member.superior_user_id)
    return {
        "skills": sorted(member.skills),
        "max_open": member.max_open,
        "availability": member.availability,
        "reports_to": superior.membership_id if superior else "",
        "calendar": next((row.slug for row in calendars if row.pk == member.calendar_id), ""),
    }


class SharingForm(forms.Form):
    """How work is shared out among the people of a desk."""

    take_minutes = forms.IntegerField(
        label=_("Minutes to take a ticket"), min_value=0, max_value=LONGEST_TAKE,
        help_text=_("Of the desk's open time; then it returns to the line. 0: never."),
    )  # fmt: skip
    usual_first = forms.BooleanField(label=_("The client's usual consultant first"), required=False)
