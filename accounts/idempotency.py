"""One effect for one Idempotency-Key, however often and however simultaneously a POST comes.

The record is inserted first, in the transaction of the effect: of two requests at once the second
waits on the unique index until the first commits, then reads its answer. Kept are answers below
500 other than 429; when the answer is an error the effect is rolled back and the answer kept.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import throttling
from accounts.models import IdempotencyRecord
from core.errors import DomainError, Invalid

KEPT: Final = timedelta(hours=24)
HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
_CARRIED: Final = ("Content-Type", "Location")

# A record older than KEPT counts as absent: its place is taken over in the same statement.
_INSERT: Final = """
    INSERT INTO accounts_idempotencyrecord (principal, key, fingerprint, status, body, headers, created_at)
    VALUES (%(principal)s, %(key)s, %(fingerprint)s, NULL, '', '{}', %(now)s)
    ON CONFLICT (principal, key) DO UPDATE
    SET fingerprint = EXCLUDED.fingerprint, status = NULL, body = '', headers = '{}', created_at = EXCLUDED.created_at
    WHERE accounts_idempotencyrecord.created_at <= %(stale)s
    RETURNING id
"""

Handler = Callable[..., HttpResponseBase]


class Mismatch(DomainError):
    """The key was used for another request."""

    status = 422
    default_code = "idempotency_mismatch"
    default_message = _("This Idempotency-Key was used for another request.")


class Idempotent(APIView):
    """Base of API views: honours Idempotency-Key on POST.

    `secret_answer_fields` names top-level members of the answer that a record must not hold; a
    replay comes without them.
    """

    secret_answer_fields: frozenset[str] = frozenset()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Put the record around the handler, after authentication, permissions and limits have passed."""
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return
        if not _KEY.fullmatch(key):
            raise Invalid.field(HEADER, "invalid_key", _("The key is 1 to 255 printable ASCII characters."))
        handler: Handler = getattr(self, "post", self.http_method_not_allowed)

        def once(inner: Request, *a: Any, **kw: Any) -> HttpResponseBase:
            return _once(self, handler, inner, key, *a, **kw)

        self.post = once

    def idempotency_principal(self, request: Request) -> str:
        """Return to whom the keys belong; a view whose visitors hold a secret of their own says so here."""
        return throttling.principal(request)


def _once(
    view: Idempotent, handler: Handler, request: Request, key: str, *args: Any, **kwargs: Any
) -> HttpResponseBase:
    """Answer from the record, or run the handler and keep what it answered."""
    principal = view.idempotency_principal(request)
    fingerprint = _fingerprint(request)
    now = timezone.now()  # noqa: TID251 - this is a door
    try:
        with transaction.atomic():
            pk = _begin(principal, key, fingerprint, now)
            if pk is None:
                return _replay(principal, key, fingerprint)
            response = _run(view, handler, request, *args, **kwargs)
            if response.status_code == 429 or response.status_code >= 500:
                raise _NotKept(response)
            _keep(pk, response, view.secret_answer_fields)
    except _NotKept as outcome:
        return outcome.response
    return response


def _begin(principal: str, key: str, fingerprint: str, now: datetime) -> int | None:
    """Insert the record and return its id; None when there is one. Waits for who is at it right now."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {"principal": principal, "key": key, "fingerprint": fingerprint, "now": now, "stale": now - KEPT},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _run(view: Idempotent, handler: Handler, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Run the handler; what an error leaves half done is rolled back, the record is not."""
    try:
        with transaction.atomic():
            response = handler(request, *args, **kwargs)
            if response.status_code >= 400:
                raise _RolledBack(response)
            return response
    except _RolledBack as outcome:
        return outcome.response
    except Exception as error:
        return view.handle_exception(error)


def _keep(pk: int, response: HttpResponseBase, secret: frozenset[str]) -> None:
    IdempotencyRecord.objects.filter(pk=pk).update(
        status=response.status_code,
        body=_content(response, secret),
        headers=_headers(response),
    )


def _headers(response: HttpResponseBase) -> dict[str, str]:
    kept = {name: response.headers[name] for name in _CARRIED if name in response.headers}
    if isinstance(response, Response):  # not rendered yet: its header is Django's default
        kept["Content-Type"] = response.content_type or "application/json"
    return kept


def _content(response: HttpResponseBase, secret: frozenset[str]) -> bytes:
    if not isinstance(response, Response):
        return bytes(getattr(response, "content", b""))
    data = response.data
    if secret and isinstance(data, dict):
        data = {name: value for name, value in data.items() if name not in secret}
    return bytes(JSONRenderer().render(data)) if data is not None else b""


def _replay(principal: str, key: str, fingerprint: str) -> HttpResponse:
    """Return the first answer. Raises Mismatch when the key came with another request."""
    record = IdempotencyRecord.objects.get(principal=principal, key=key)
    if record.fingerprint != fingerprint:
        raise Mismatch
    headers = {"Content-Type": "application/json", **record.headers, REPLAYED: "true"}
    return HttpResponse(bytes(record.body), status=record.status, headers=headers)


# --------------------------------------------------------------------------- the same request


def _fingerprint(request: Request) -> str:
    """Return a digest of method, address and body; the same for the same JSON in another spelling.

    Keyed: a body may hold a password, and a plain digest of a short text gives it to who tries many.
    """
    digest = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    digest.update(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(json.dumps(_canonical(request.data), sort_keys=True).encode())
    return digest.hexdigest()


def _canonical(data: Any) -> Any:
    """Return the body as plain values, files by their digest."""
    if hasattr(data, "lists"):  # forms
        return {name: [_canonical(item) for item in items] for name, items in data.lists()}
    if isinstance(data, UploadedFile):
        digest = hashlib.sha256()
        for chunk in data.chunks():
            digest.update(chunk)
        data.seek(0)
        return [data.name, digest.hexdigest()]
    return data


class _NotKept(Exception):
    """Carries an answer past the end of the transaction that is rolled back."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.response = response


class _RolledBack(_NotKept):
    """Carries an answer past the savepoint of the effect."""
