"""Forms of *Etiquetas*: a tag of the desk, and the one that it becomes a part of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.models import Tag, Tone
from desks.tags import MAX_NAME


class TagForm(forms.Form):
    """A tag as its supervisor changes it."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME)
    tone = forms.ChoiceField(label=_("Colour"), choices=Tone.choices)
    is_active = forms.BooleanField(
        label=_("May be put on tickets"),
        required=False,
        help_text=_("Put away it is not suggested any more; tickets that wear it keep it."),
    )


class MergeForm(forms.Form):
    """Which other tag it becomes a part of."""

    into = forms.TypedChoiceField(label=_("Into"), coerce=int)

    def __init__(self, *args: Any, others: Sequence[Tag], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [("", "—"), *((tag.pk, tag.name) for tag in others)]  # type: ignore[attr-defined]
