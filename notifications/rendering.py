"""From a notice to the bytes that travel: done once, at the first claim, then kept."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.utils import translation

from notifications.models import Channel, Notification

LANGUAGE: Final = "es-mx"
MAX_REFERENCES: Final = 10
CALENDAR_NAME: Final = "cita.ics"
# A signed link is one long word: folded it would be encoded, and mail programs would not find it.
_UNFOLDED: Final = SMTP.clone(max_line_length=900)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is kept of a rendering: the bytes, a text for *Avisos*, and the Message-ID."""

    content: bytes
    text: str
    message_id: str


def render(notice: Notification, *, now: datetime) -> Rendered:
    """Render by the notice's channel. Raises what its templates raise. E-mail in a thread: 1 query."""
    with translation.override(LANGUAGE):
        return _RENDERERS[Channel(notice.channel)](notice, now)


def message_id_for(key: str) -> str:
    """Return the Message-ID of a key: the same for ever, telling nothing of the key."""
    return f"<{_digest(key)}@{_mail_domain()}>"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _mail_domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def preview(notice: Notification) -> str:
    """Return the text that a notice not yet rendered will carry; why it cannot be, when it cannot. 0 queries."""
    try:
        with translation.override(LANGUAGE):
            return _PREVIEWS[Channel(notice.channel)](notice)
    except Exception as error:
        return f"{notice.template}: {type(error).__name__}"


# --------------------------------------------------------------------------- e-mail


def _email(notice: Notification, now: datetime) -> Rendered:
    subject, body = _email_texts(notice)
    message = EmailMessage(policy=_UNFOLDED if notice.params.get("unsubscribe") else SMTP)
    message["Subject"] = subject
    message["From"] = _sender(notice.from_name)
    message["To"] = Address(addr_spec=notice.recipient)
    for name, value in _headers(notice, now).items():
        message[name] = value
    # Quoted-printable survives every relay; 8-bit bodies do not survive all of them.
    message.set_content(body, cte="quoted-printable")
    html = get_template(f"mail/{notice.template}/body.html").render(_context(notice))
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if calendar := notice.params.get("calendar"):
        _attach_calendar(message, calendar)
    _attach_files(message, notice.params.get("files", ()))
    return Rendered(message.as_bytes(), f"{subject}\n\n{body}", message_id_for(notice.key))


def _attach_files(message: EmailMessage, files: Sequence[dict[str, str]]) -> None:
    """Attach what the notice carries whole: `name`, `type` and the content as `base64`."""
    for file in files:
        kind, _slash, subtype = file["type"].partition("/")
        content = base64.b64decode(file["base64"])
        message.add_attachment(content, maintype=kind, subtype=subtype, filename=file["name"])


def _attach_calendar(message: EmailMessage, calendar: dict[str, str]) -> None:
    """Add an invitation (RFC 6047): its method stands in the type, so that mail programs offer to take it over."""
    message.add_attachment(
        calendar["text"].encode(),
        maintype="text",
        subtype="calendar",
        filename=CALENDAR_NAME,
        params={"method": calendar["method"], "charset": "utf-8"},
    )


def _email_texts(notice: Notification) -> tuple[str, str]:
    subject = " ".join(_text(f"mail/{notice.template}/subject.txt", notice).split())
    return subject, _tidy(_text(f"mail/{notice.template}/body.txt", notice))


def _headers(notice: Notification, now: datetime) -> dict[str, Any]:
    headers: dict[str, Any] = {
        "Date": now,
        "Message-ID": message_id_for(notice.key),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if notice.params.get("reply_to"):
        headers["Reply-To"] = Address(addr_spec=notice.params["reply_to"])
    if notice.params.get("unsubscribe"):  # the button of mail programs (RFC 8058)
        headers["List-Unsubscribe"] = f"<{notice.params['unsubscribe']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if notice.thread:
        # The root is an id that no message has: it joins what different people get of one case.
        earlier = _earlier_ids(notice)
        root = message_id_for(f"thread/{notice.thread}")
        headers["In-Reply-To"] = earlier[-1] if earlier else root
        headers["References"] = " ".join([root, *earlier])
    return headers


def _earlier_ids(notice: Notification) -> list[str]:
    """Return Message-IDs of this thread to this recipient, oldest first: the first and the latest ones."""
    ids = list(
        Notification.objects.filter(thread=notice.thread, recipient=notice.recipient, seq__lt=notice.seq)
        .filter(channel=Channel.EMAIL)
        .exclude(message_id="")
        .order_by("-seq")
        .values_list("message_id", flat=True)[:MAX_REFERENCES]
    )
    return ids[::-1]


def _sender(from_name: str) -> Address:
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Address(display_name=from_name or name, addr_spec=address)


# --------------------------------------------------------------------------- call or SMS


def _webhook(notice: Notification, now: datetime) -> Rendered:
    text = _spoken(notice)
    message_id = _digest(notice.key)
    payload = {
        "id": message_id,
        "to": notice.recipient,
        "text": text,
        "language": "es-MX",
        "wakes": notice.wakes,
        "topic": notice.topic,
        "template": notice.template,
        "created_at": notice.created_at.isoformat(),
    }
    content = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Rendered(content, text, message_id)


def _spoken(notice: Notification) -> str:
    return " ".join(_text(f"wake/{notice.template}.txt", notice).split())


_RENDERERS = {Channel.EMAIL: _email, Channel.WEBHOOK: _webhook}
_PREVIEWS: Final[dict[Channel, Callable[[Notification], str]]] = {
    Channel.EMAIL: lambda notice: "\n\n".join(_email_texts(notice)),
    Channel.WEBHOOK: _spoken,
}


# --------------------------------------------------------------------------- templates


def _context(notice: Notification) -> dict[str, object]:
    return {"site_url": settings.SITE_URL, **notice.params}


def _text(name: str, notice: Notification) -> str:
    """Render a text template: nothing is escaped, there is no markup to break out of."""
    template = get_template(name).template  # type: ignore[attr-defined]
    return str(template.render(Context(_context(notice), autoescape=False)))


def _tidy(text: str) -> str:
    """Return the text without trailing blanks and runs of empty lines that tags leave behind."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
