"""What is asked before a verb is used on several tickets at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets import reasons
from tickets.forms import labelled
from tickets.models import Ticket


class BulkForm(forms.Form):
    """Base: knows the tickets and who works at their desks; gives the values of the action and its reason."""

    # Whether the action takes a reason.
    reasoned: ClassVar[bool] = True

    def __init__(self, *args: Any, tickets: Sequence[Ticket], people: Mapping[str, str], **kwargs: Any) -> None:
        self.tickets, self.people = tickets, people
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the tickets."""

    def values(self) -> dict[str, Any]:
        """Return codes and ids, without the reason."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason"}

    def reason(self) -> str | None:
        """Return why, None where the action asks for none."""
        return str(self.cleaned_data.get("reason", "")) if self.reasoned else None


class BulkAssignForm(BulkForm):
    assignee = forms.TypedChoiceField(label=_("To whom"), coerce=int)
    reason = forms.CharField(  # type: ignore[assignment]  # the name that the action has
        label=_("Why"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def prepare(self) -> None:
        """Offer the people of the desks."""
        field = self.fields["assignee"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = list(self.people.items())


class BulkReclassifyForm(BulkForm):
    request_type = forms.ChoiceField(label=_("Kind of request"), choices=labelled(reasons.REQUEST_TYPES))
    affects_operation = forms.BooleanField(label=_("It affects the client's operation"), required=False)
    reason = forms.CharField(  # type: ignore[assignment]
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class BulkEscalateForm(BulkForm):
    reason = forms.CharField(  # type: ignore[assignment]
        label=_("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class BulkMergeForm(BulkForm):
    """Of several the one that goes on is chosen; of one its number is written."""

    reasoned = False
    into = forms.CharField(
        label=_("Number of the ticket that goes on"),
        max_length=24,
        widget=forms.TextInput(attrs={"placeholder": "IMX-4821", "autocomplete": "off", "class": "mono"}),
    )

    def prepare(self) -> None:
        """Offer the selected ones, the oldest first."""
        if len(self.tickets) > 1:
            choices = [(ticket.number, f"{ticket.number} · {ticket.subject}") for ticket in self.tickets]
            self.fields["into"] = forms.ChoiceField(label=_("Which one goes on"), choices=choices)


FORMS: Mapping[str, type[BulkForm]] = {
    "assign": BulkAssignForm,
    "reclassify": BulkReclassifyForm,
    "merge": BulkMergeForm,
    "escalate": BulkEscalateForm,
}
