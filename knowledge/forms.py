"""What people of the desk write of an article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desks.models import Product
from knowledge.actions import MAX_NOTE, Content
from knowledge.models import ArticleVersion, Audience


class ArticleForm(forms.Form):
    """The whole of a version. Lengths, secrets and codes are judged by the action."""

    title = forms.CharField(
        label=_("Title"),
        help_text=_("What happens, as the client would say it, with the code."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    body = forms.CharField(
        label=_("Text"),
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("## heading, - list, 1. steps, **bold**, `code`, [link](https://…). No data of any client."),
    )
    audience = forms.ChoiceField(label=_("Who reads it"), choices=Audience.choices, widget=forms.RadioSelect)
    product = forms.ChoiceField(label=_("Product"), required=False)
    product_versions = forms.CharField(
        label=_("Versions"), required=False, help_text=_("Apart by commas. None: all versions.")
    )
    codes = forms.CharField(
        label=_("More codes"), required=False, help_text=_("Those in the text are recognised by themselves.")
    )
    note = forms.CharField(
        label=_("What you changed"), required=False, max_length=MAX_NOTE, help_text=_("For your colleagues.")
    )
    base = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, products: Sequence[Product], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.products = {str(product.pk): product for product in products}
        field = self.fields["product"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("All products")), *((pk, product.name) for pk, product in self.products.items())]

    @staticmethod
    def values(version: ArticleVersion) -> dict[str, Any]:
        """What a version says, as the form begins with it."""
        return {
            "title": version.title,
            "body": version.body,
            "audience": version.audience,
            "product": str(version.product_id or ""),
            "product_versions": ", ".join(version.product_versions),
            "codes": ", ".join(version.codes),
            "base": version.number,
        }

    def content(self) -> Content:
        """What was written, for the action."""
        data = self.cleaned_data
        return Content(
            title=data["title"],
            body=data["body"].replace("\r\n", "\n"),
            audience=data["audience"],
            product=self.products.get(data["product"]),
            product_versions=[version[:30] for version in _parts(data["product_versions"])[:20]],
            codes=_parts(data["codes"]),
        )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
