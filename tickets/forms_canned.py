"""The form of a canned answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.config import DeskConfig
from tickets import canned
from tickets.actions.canned import Draft
from tickets.forms import FilesField
from tickets.models import CannedAnswer

OWN = "own"
OF_DESK = "desk"


class CannedForm(forms.Form):
    """A canned answer as a person writes it; whose it is can be chosen once, when it is made."""

    whose = forms.ChoiceField(label=_("Whose it is"), choices=())
    title = forms.CharField(label=_("Title"), max_length=120)
    shortcut = forms.CharField(
        label=_("Shortcut"),
        max_length=40,
        help_text=_("Typed behind a slash in the composer: /csd-vencido."),
        widget=forms.TextInput(attrs={"class": "mono", "autocapitalize": "none", "spellcheck": "false"}),
    )
    product = forms.TypedChoiceField(label=_("Product"), coerce=int, required=False, empty_value=None)
    body = forms.CharField(
        label=_("Text of the answer"), max_length=canned.MAX_BODY, widget=forms.Textarea(attrs={"rows": 14})
    )
    files = FilesField(required=False, label=_("Files"))  # type: ignore[assignment]  # the name that templates use
    dropped = forms.TypedMultipleChoiceField(
        label=_("Take out"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    # What the preview is filled with; empty: an invented ticket.
    ticket = forms.CharField(
        label=_("Ticket to try it with"),
        max_length=24,
        required=False,
        help_text=_("Its number; without one the preview uses invented data."),
        widget=forms.TextInput(attrs={"class": "mono", "placeholder": "IMX-4821", "autocomplete": "off"}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        config: DeskConfig,
        answer: CannedAnswer | None = None,
        owners: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        words = {OF_DESK: _("Of the desk: everybody uses it"), OWN: _("Mine: nobody else sees it")}
        if answer is None:
            self._choose("whose", [(code, words[code]) for code in owners])
        else:
            del self.fields["whose"]
        products = [(product.id, product.name) for product in config.products]
        kept = answer.product if answer is not None else None
        if kept is not None and kept.pk not in {
            pk for pk, _name in products
        }:  # of before; it stays until it is changed
            products.append((kept.pk, kept.name))
        self._choose("product", [("", _("Any product")), *products])
        attached: Sequence[Any] = getattr(answer, "attached", ())
        self._choose("dropped", [(file["id"], file["name"]) for file in attached])

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def is_own(self) -> bool:
        return bool(self.cleaned_data["whose"] == OWN)

    def draft(self) -> Draft:
        """What the action takes."""
        data = self.cleaned_data
        return Draft(
            title=data["title"],
            shortcut=data["shortcut"].strip().lstrip("/"),
            body=data["body"],
            product_id=data["product"],
            files=data["files"],
            dropped=data["dropped"],
        )


def initial_of(answer: CannedAnswer) -> dict[str, Any]:
    return {
        "title": answer.title,
        "shortcut": answer.shortcut,
        "body": answer.body,
        "product": answer.product_id or "",
        "version": answer.version,
    }
