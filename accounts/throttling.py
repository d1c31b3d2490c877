"""How often one may ask: windows counted in the cache, so every process counts together.

Rates are settings (`RATES`, from `RATE_*`): "60/m" is sixty a minute; `RATE_LIMITS=0` turns all
off. While the cache is down nothing is limited: an incident must always get in.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.cache import cache
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import addresses
from core.errors import TooMany

if TYPE_CHECKING:  # REST framework reads its settings, and so this module, while it is imported itself
    from rest_framework.views import APIView

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds."""

    amount: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read "60/m" or "5/10m". Raises ValueError for anything else."""
        amount, _slash, period = text.partition("/")
        count, unit = period[:-1] or "1", period[-1:]
        if unit not in UNITS:
            raise ValueError(f"{text!r} is not a rate such as 60/m")
        rate = cls(int(amount), int(count) * UNITS[unit])
        if rate.amount < 1 or rate.seconds < 1:
            raise ValueError(f"{text!r} is not a rate such as 60/m")
        return rate


def check(scope: str, who: str) -> None:
    """Count one request of `who` under `RATES[scope]`. Raises TooMany with the seconds to wait."""
    wait = _count(scope, who)
    if wait:
        raise TooMany(retry_after=wait)


def _count(scope: str, who: str) -> int:
    """Count one request; return 0, or the seconds until the window ends when it is full. 2 round trips."""
    if not settings.RATE_LIMITS or scope not in settings.RATES:
        return 0
    rate = Rate.parse(settings.RATES[scope])
    now = time.time()
    window = int(now // rate.seconds)
    name = hashlib.sha256(f"{scope}/{who}/{window}".encode("utf-8", "replace")).hexdigest()
    cache.add(f"rate/{name}", 0, timeout=rate.seconds + 5)
    try:
        seen = cache.incr(f"rate/{name}")
    except ValueError:  # evicted between the two
        return 0
    return 0 if seen <= rate.amount else max(1, int((window + 1) * rate.seconds - now) + 1)


def principal(request: Request) -> str:
    """Return whose requests are counted together: a person's, or those of an address."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        return f"user:{user.pk}"
    return f"anon:{addresses.digest(request)}"


class ApiThrottle(BaseThrottle):
    """Every API call: `api_read` and `api_write` for who signed in, `api_anonymous` for strangers.

    A view that costs more names its own scope as well: `throttle_scope = "open_ticket"`, counted on
    calls that change something.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the call in each of its scopes; the longest wait answers."""
        who = principal(request)
        self.seconds = max((_count(scope, who) for scope in self._scopes(request, view)), default=0)
        return not self.seconds

    def wait(self) -> float | None:
        """Return the seconds that Retry-After tells."""
        return self.seconds or None

    def _scopes(self, request: Request, view: APIView) -> list[str]:
        safe = request.method in SAFE_METHODS
        general = "api_read" if safe else "api_write"
        if not request.user.is_authenticated:
            general = "api_anonymous"
        own = getattr(view, "throttle_scope", None)
        return [general] if safe or not own else [general, own]
