"""An SMTP backend that also keeps each mail it handed over as a file: the demo with a mail server of one's own."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from helpdesk.catchers import keep_mail


class KeepingBackend(EmailBackend):
    """Send by SMTP; what the server took also lies under EMAIL_KEEP_DIR, named by its Message-ID."""

    def _send(self, email_message: Any) -> bool:
        sent = bool(super()._send(email_message))  # type: ignore[misc]  # not in the stubs
        if sent:
            keep_mail(Path(settings.EMAIL_KEEP_DIR), email_message.message().as_bytes(linesep="\r\n"))
        return sent
