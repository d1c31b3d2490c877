"""What a client fills in on the one-time page of the vault."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from clients import vault
from desks.config import DeskConfig
from files import names
from portal.forms import FilesField, Upload

MAX_FILES: Final = 5
MAX_BYTES: Final = 2 * 1024 * 1024
VALUES: Final = ("user", "password", "notes")


class AccessForm(forms.Form):
    """Access data and the files of a certificate: something of it is enough."""

    user = forms.CharField(required=False, strip=True)
    # Shown while it is typed: a password that was mistyped costs the client a day.
    password = forms.CharField(required=False, strip=False)
    notes = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
    files = FilesField(required=False)  # type: ignore[assignment]  # the name that templates use

    def __init__(self, *args: Any, config: DeskConfig, **kwargs: Any) -> None:
        self.config = config
        super().__init__(*args, **kwargs)
        for name in VALUES:
            field = self.fields[name]
            field.widget.attrs |= {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
            field.widget.attrs["maxlength"] = vault.MAX_VALUE

    def clean(self) -> dict[str, Any]:
        """One error a field, in the desk's words."""
        say, data = self.config.say, self.cleaned_data
        for name in VALUES:
            if len(data.get(name, "")) > vault.MAX_VALUE:
                self.add_error(name, say("vault_long"))
        uploads: list[Upload] = data.get("files") or []
        if len(uploads) > MAX_FILES:
            self.add_error("files", say("vault_many"))
        for upload in uploads:
            if (upload.size or 0) > MAX_BYTES:
                self.add_error("files", say("vault.large", name=names.safe(upload.name)))
        if not self.errors and not uploads and not any(data.get(name, "").strip() for name in VALUES):
            self.add_error("password", say("vault_empty"))
        return data

    def items(self) -> list[vault.Item]:
        """What goes to the vault."""
        values = {name: self.cleaned_data[name] for name in VALUES if self.cleaned_data[name].strip()}
        found = [vault.values_item(vault.Kind.ACCESS, values)] if values else []
        uploads: list[Upload] = self.cleaned_data["files"]
        return [*found, *(vault.file_item(names.safe(upload.name), upload.read()) for upload in uploads)]
