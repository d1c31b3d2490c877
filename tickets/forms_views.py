"""What people of the desk fill in to keep a view of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.models import Desk


class ViewForm(forms.Form):
    """Its name, and who sees it. `renew`: whether what the page shows now takes the place of what was kept."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    desk = forms.TypedChoiceField(label=_("Who sees it"), coerce=int, required=False, empty_value=None)
    renew = forms.BooleanField(label=_("Keep also the filters of now"), required=False)

    def __init__(self, *args: Any, desks: Sequence[Desk], renews: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["desk"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("Only me")), *((str(desk.pk), _("Everybody at %s") % desk.name) for desk in desks)]
        if not desks:
            del self.fields["desk"]
        if not renews:
            del self.fields["renew"]
