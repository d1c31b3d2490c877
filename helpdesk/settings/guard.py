"""What production must not start with. Each fault is one line that says what to set."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured

WEAK = ("dev-only", "test-only", "django-insecure", "change-me", "changeme")
UNDELIVERED = ("console", "dummy", "locmem", "filebased")


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """Raise ImproperlyConfigured with every fault at once, so that one start tells all."""
    faults = [fault for check in CHECKS for fault in check(settings)]
    if faults:
        raise ImproperlyConfigured("refusing to start with unsafe settings:\n" + "\n".join(f"  - {f}" for f in faults))


def secret_key(settings: Mapping[str, Any]) -> list[str]:
    if is_weak(settings["SECRET_KEY"], 40):
        return ["SECRET_KEY is missing, short or an example: set 40 random characters or more"]
    return []


def debug(settings: Mapping[str, Any]) -> list[str]:
    faults = []
    if settings["DEBUG"]:
        faults.append("DEBUG is on: it shows settings and code to visitors")
    if settings["DEMO"]:
        faults.append("DEMO is on: it gives out the passwords of the demo's accounts")
    return faults


def hosts(settings: Mapping[str, Any]) -> list[str]:
    named = settings["ALLOWED_HOSTS"]
    if not named or "*" in named:
        return ["ALLOWED_HOSTS must name the hosts of this installation, and never *"]
    return []


def address(settings: Mapping[str, Any]) -> list[str]:
    if not settings["SITE_URL"].startswith("https://"):
        return ["SITE_URL must be the https address that mails link to"]
    return []


def cookies(settings: Mapping[str, Any]) -> list[str]:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
    return [f"{name} must be on" for name in names if not settings[name]]


def link_keys(settings: Mapping[str, Any]) -> list[str]:
    keys: Sequence[str] = settings["LINK_KEYS"]
    if not keys or any(is_weak(key, 32) for key in keys):
        return ["LINK_KEYS must hold one random key or more, of 32 characters, the newest first"]
    return []


def vault_keys(settings: Mapping[str, Any]) -> list[str]:
    keys: Sequence[str] = settings["VAULT_KEYS"]
    if not keys or not all(is_fernet_key(key) for key in keys):
        return ["VAULT_KEYS must hold one key or more, each 32 random bytes in URL-safe base64, the newest first"]
    return []


def database(settings: Mapping[str, Any]) -> list[str]:
    engine = settings["DATABASES"].get("default", {}).get("ENGINE", "")
    return [] if engine == "core.postgres" else ["DATABASE_URL must name a PostgreSQL database"]


def mail(settings: Mapping[str, Any]) -> list[str]:
    backend = settings["EMAIL_BACKEND"]
    if not settings["EMAIL_URL"] or any(word in backend for word in UNDELIVERED):
        return ["EMAIL_URL must name a mail server: without one no client is ever told anything"]
    return []


def wake(settings: Mapping[str, Any]) -> list[str]:
    url, secret = settings["WAKE_WEBHOOK_URL"], settings["WAKE_WEBHOOK_SECRET"]
    if url and not url.startswith("https://"):
        return ["WAKE_WEBHOOK_URL must be https"]
    if url and is_weak(secret, 20):
        return ["WAKE_WEBHOOK_SECRET must be 20 random characters or more: it signs what wakes people"]
    return []


def is_weak(secret: str, length: int) -> bool:
    """Tell whether a secret is short, an example, or of few different characters."""
    return len(secret) < length or len(set(secret)) < 10 or any(word in secret.lower() for word in WEAK)


def is_fernet_key(key: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(key.encode())
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 32 and len(set(raw)) >= 10 and not any(word.encode() in raw for word in WEAK)


CHECKS: tuple[Callable[[Mapping[str, Any]], list[str]], ...] = (
    secret_key, debug, hosts, address, cookies, link_keys, vault_keys, database, mail, wake
)  # fmt: skip
