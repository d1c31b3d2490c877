"""How django-allauth behaves here: nobody signs up, nothing tells whether an account exists."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse

from accounts import addresses
from core import sealing

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in by e-mail; accounts are made by who runs the installation or a desk."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse sign-up: a company domain or an address never gives access."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count failures by the address that our own proxies report."""
        return addresses.client_ip(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return a link at the installation's own address, whatever Host the request claimed."""
        uid, _dash, rest = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": rest})
        return f"{settings.SITE_URL}{path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in the background: neither the answer nor its time tells whether a mail left.

        These mails hold links that open an account, so they do not go through the outbox, whose
        rows people read.
        """
        mailer.submit(self.render_mail(template_prefix, email, context))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds of second factors are encrypted with the keys of the vault, which the database does not know."""

    def encrypt(self, text: str) -> str:
        """Return the text as it is stored."""
        return sealing.seal(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text of what was stored, by any key of the list."""
        return sealing.unseal(encrypted_text.encode()).decode()


class Mailer:
    """One background thread of the process for mails about accounts."""

    def __init__(self) -> None:
        self._pid = 0
        self._pool: ThreadPoolExecutor | None = None

    def submit(self, message: EmailMessage) -> Future[None]:
        """Send soon; a failure is logged, and the person asks again."""
        if self._pool is None or self._pid != os.getpid():  # threads do not survive a fork
            self._pool, self._pid = ThreadPoolExecutor(1, "account-mail"), os.getpid()
        return self._pool.submit(_send, message)

    def flush(self) -> None:
        """Wait until what was submitted has been tried."""
        if self._pool is not None:
            self._pool.submit(lambda: None).result(timeout=30)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:
        log.warning("account_mail_failed", error=type(error).__name__)


mailer = Mailer()
