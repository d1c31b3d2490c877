"""The form of a macro, and of running one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig
from tickets import reasons
from tickets.actions.macros import Draft
from tickets.forms import labelled, people
from tickets.forms_canned import OF_DESK, OWN
from tickets.models import CannedAnswer, Macro
from tickets.models.macro import After


class MacroForm(forms.Form):
    """A macro as a person writes it; whose it is can be chosen once, when it is made."""

    whose = forms.ChoiceField(label=_("Whose it is"), choices=())
    name = forms.CharField(label=_("Name"), max_length=80)
    digit = forms.TypedChoiceField(
        label=_("Key behind M"),
        coerce=int,
        required=False,
        empty_value=None,
        choices=[("", _("None: from the list")), *((str(n), str(n)) for n in range(1, 10))],
    )
    takes = forms.BooleanField(label=_("Take the ticket"), required=False)
    request_type = forms.ChoiceField(
        label=_("Reclassify as"), required=False, choices=labelled(reasons.REQUEST_TYPES, blank=str(_("As it is")))
    )
    affects_operation = forms.TypedChoiceField(
        label=_("Does it affect the operation?"),
        required=False,
        empty_value=None,
        coerce=lambda value: value == "yes",
        choices=[("", _("As it is")), ("yes", _("Yes")), ("no", _("No"))],
    )
    tags = forms.CharField(label=_("Tags to add"), max_length=400, required=False, help_text=_("Between commas."))
    note = forms.CharField(
        label=_("Internal note"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("With the same places as a canned answer."),
    )
    answer = forms.TypedChoiceField(label=_("Canned answer"), coerce=int, required=False, empty_value=None)
    after = forms.ChoiceField(label=_("What becomes of it"), required=False, choices=[("", "—"), *After.choices])
    assignee = forms.TypedChoiceField(label=_("Hand it on to"), coerce=int, required=False, empty_value=None)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        config: DeskConfig,
        answers: Sequence[CannedAnswer],
        macro: Macro | None = None,
        owners: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        words = {OF_DESK: _("Of the desk: everybody uses it"), OWN: _("Mine: nobody else sees it")}
        if macro is None:
            self._choose("whose", [(code, words[code]) for code in owners])
        else:
            del self.fields["whose"]
        mine = _(" (mine)")
        named = [(row.pk, f"{row.title}{mine if row.owner_id else ''}") for row in answers if row.is_active]
        self._choose("answer", [("", _("None (canned answers)")), *named])
        self._choose("assignee", [("", _("Nobody")), *people(config)])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def is_own(self) -> bool:
        return bool(self.cleaned_data["whose"] == OWN)

    def draft(self) -> Draft:
        """What the action takes."""
        data = self.cleaned_data
        return Draft(
            name=data["name"],
            digit=data["digit"],
            takes=data["takes"],
            request_type=data["request_type"],
            affects_operation=data["affects_operation"],
            tags=[tag.strip() for tag in data["tags"].split(",") if tag.strip()],
            note=data["note"],
            answer_id=data["answer"],
            after=data["after"] if data["answer"] is not None else "",
            assignee_id=data["assignee"],
        )


def initial_of(macro: Macro, config: DeskConfig) -> dict[str, Any]:
    affects = {True: "yes", False: "no", None: ""}
    return {
        "name": macro.name,
        "digit": macro.digit or "",
        "takes": macro.takes,
        "request_type": macro.request_type,
        "affects_operation": affects[macro.affects_operation],
        "tags": ", ".join(config.tag(slug).name for slug in macro.tags),
        "note": macro.note,
        "answer": macro.answer_id or "",
        "after": macro.after,
        "assignee": macro.assignee_id or "",
        "version": macro.version,
    }


class RunForm(forms.Form):
    """What was looked at: the ticket's version, and the answer as it goes out."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What the client reads"),
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("You may change it here before it goes out."),
    )

    def __init__(self, *args: Any, sends: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sends:
            del self.fields["text"]
