"""Where a request comes from, for limits and anonymous principals; never shown, never stored plain."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def client_ip(request: HttpRequest) -> str:
    """Return the address of the client, counted from the right behind TRUSTED_PROXY_COUNT proxies.

    Without trusted proxies X-Forwarded-For is whatever a stranger wrote, and is not read.
    """
    direct = str(request.META.get("REMOTE_ADDR") or "")
    n_proxies = settings.TRUSTED_PROXY_COUNT
    if not n_proxies:
        return direct
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    return hops[-n_proxies] if len(hops) >= n_proxies else direct


def digest(request: HttpRequest) -> str:
    """Return a short keyed digest of the client's address."""
    return salted_hmac("accounts.addresses", client_ip(request)).hexdigest()[:20]
