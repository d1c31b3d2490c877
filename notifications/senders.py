"""The ends of the process: handing stored bytes to a mail server or to a voice and SMS provider."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from email.message import Message
from typing import Any, Final

from django.core import mail

from notifications import webhook
from notifications.errors import Refused
from notifications.models import Channel, Notification

PERMANENT: Final = range(500, 600)


class StoredMessage(Message):
    """A message that is what was stored, byte for byte, whoever serialises it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(email.policy.compat32)
        self._content = content
        for name, value in email.message_from_bytes(content).items():
            self[name] = value

    def as_bytes(self, unixfrom: bool = False, policy: Any = None, linesep: str = "\n") -> bytes:
        """Return the stored bytes with the line ends that the carrier wants."""
        return self._content if linesep == "\r\n" else self._content.replace(b"\r\n", linesep.encode())

    def as_string(self, unixfrom: bool = False, maxheaderlen: int = 0, policy: Any = None) -> str:
        """Return the stored bytes as text; headers and bodies are ASCII on the wire."""
        return self.as_bytes().decode("ascii", "replace")


class StoredEmail(mail.EmailMultiAlternatives):
    """What Django's backends take: the parts for those that need parts, the bytes for the others."""

    def __init__(self, notice: Notification) -> None:
        self.content = bytes(notice.rendered or b"")
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        text = parsed.get_body(("plain",))
        html = parsed.get_body(("html",))
        super().__init__(
            subject=str(parsed["Subject"]),
            body=text.get_content() if text else "",
            from_email=str(parsed["From"]),
            to=[notice.recipient],
            reply_to=[str(parsed["Reply-To"])] if parsed["Reply-To"] else None,
            headers={name: str(parsed[name]) for name in _CARRIED if parsed[name]},
        )
        if html:
            self.attach_alternative(html.get_content(), "text/html")
        for part in parsed.iter_attachments():
            self.attach(part.get_filename(), part.get_content(), part.get_content_type())

    def message(self, **options: Any) -> Any:
        """Return the stored message, not a new one."""
        return StoredMessage(self.content)


_CARRIED: Final = (
    "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "X-Auto-Response-Suppress",
    "List-Unsubscribe", "List-Unsubscribe-Post",
)  # fmt: skip


def send_email(notice: Notification) -> None:
    """Hand the stored bytes to the mail backend. Raises Refused when the recipient is refused for good."""
    try:
        StoredEmail(notice).send(fail_silently=False)
    except Exception as error:
        if _is_permanent(error):
            raise Refused(_brief(error)) from error
        raise


def _is_permanent(error: Exception) -> bool:
    """Tell whether a later attempt with the same bytes to the same address would fare the same."""
    from smtplib import SMTPDataError, SMTPRecipientsRefused

    if isinstance(error, SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code in PERMANENT


def _brief(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


SENDERS: Final[dict[str, Callable[[Notification], None]]] = {
    Channel.EMAIL: send_email,
    Channel.WEBHOOK: webhook.send,
}


def send(notice: Notification) -> None:
    """Send by the notice's channel. Raises Refused (for good) or anything else (later)."""
    SENDERS[notice.channel](notice)
