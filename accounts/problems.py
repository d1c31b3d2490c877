"""Refusals as RFC 9457 tells them: `application/problem+json`, stable codes, sentences for people.

{"type", "title", "status", "code", "detail", "errors": [{"field", "code", "message"}], …extra}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelInvalid
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings

from core.errors import DomainError, FieldError, Invalid

log = structlog.get_logger(__name__)

CONTENT_TYPE: Final = "application/problem+json"

_TITLES: Final = {
    400: _("The request is not valid"),
    401: _("Signing in is needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("This address does not take that method"),
    406: _("Not available in that format"),
    409: _("The current state does not allow this"),
    413: _("Too large"),
    415: _("That kind of content is not taken here"),
    422: _("The request is not valid"),
    429: _("Too many requests"),
    500: _("Something failed on our side"),
    503: _("Not available right now"),
}
_CODES: Final = {
    400: "bad_request",
    401: "not_authenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "server_error",
    503: "unavailable",
}
_NOT_FOUND: Final = _("There is nothing here, or it is not yours.")
_FAILED: Final = _("It was noted. Nothing of this request was kept; please try again in a moment.")
_AWAY: Final = _("The database does not answer. Nothing of this request was kept; please try again in a moment.")
RETRY_SECONDS: Final = 10


def problem(
    status: int,
    *,
    code: str | None = None,
    detail: object = None,
    errors: list[FieldError] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the body of a problem. Extra members never replace the standard ones."""
    code = code or _CODES.get(status, "error")
    title = _TITLES.get(status) or HTTPStatus(status).phrase
    body: dict[str, Any] = {
        **(extra or {}),
        "type": f"urn:helpdesk:problem:{code}",
        "title": str(title),
        "status": status,
        "code": code,
        "detail": str(detail if detail is not None else title),
    }
    if errors:
        body["errors"] = [{"field": e.field, "code": e.code, "message": str(e.message)} for e in errors]
    return body


def respond(status: int, **members: Any) -> JsonResponse:
    """Return a problem as a plain Django response, for middleware and error views."""
    return JsonResponse(
        problem(status, **members),
        status=status,
        content_type=CONTENT_TYPE,
        json_dumps_params={"ensure_ascii": False},
    )


def handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """Turn whatever an API view raised into a problem (REST_FRAMEWORK["EXCEPTION_HANDLER"])."""
    response = _domain(error) or _framework(error) or _unexpected(error, context)
    response.content_type = CONTENT_TYPE
    return response


def _domain(error: Exception) -> Response | None:
    if not isinstance(error, DomainError):
        return None
    retry_after = error.extra.get("retry_after")
    headers = {"Retry-After": str(retry_after)} if retry_after is not None else None
    body = problem(error.status, code=error.code, detail=error.message, errors=error.errors, extra=error.extra)
    return Response(body, status=error.status, headers=headers)


def _framework(error: Exception) -> Response | None:
    """Tell what Django and DRF refuse."""
    match error:
        case exceptions.ValidationError():
            return _invalid(list(flatten(error.detail)))
        case ModelInvalid():
            return _invalid(list(_of_model(error)))
        case exceptions.APIException():
            return _api(error)
        case Http404():
            return Response(problem(404, detail=_NOT_FOUND), status=404)
        case PermissionDenied():
            return Response(problem(403, detail=_("You are not allowed to do this.")), status=403)
        case DataError() if holds_nul(error):
            detail = _("The text holds characters that cannot be kept.")
            return Response(problem(400, code="invalid_characters", detail=detail), status=400)
        case RequestDataTooBig():
            return Response(problem(413, detail=_("The request is larger than what is taken here.")), status=413)
    return None


def holds_nul(error: Exception) -> bool:
    """Whether the database refused a text because of a NUL, which only a program sends."""
    return isinstance(error, DataError) and "NUL (0x00)" in str(error)


def _invalid(errors: list[FieldError]) -> Response:
    return Response(problem(400, code="invalid", detail=Invalid.default_message, errors=errors), status=400)


def _api(error: exceptions.APIException) -> Response:
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    code, detail = _code_and_detail(error)
    return Response(problem(error.status_code, code=code, detail=detail), status=error.status_code, headers=headers)


def _code_and_detail(error: exceptions.APIException) -> tuple[str, str]:
    match error:
        case exceptions.Throttled():
            return "too_many_requests", str(_("Too many attempts. Please wait a moment."))
        case exceptions.NotFound():
            return "not_found", str(_NOT_FOUND)
        case exceptions.ParseError():
            # Django tells of forms in English only.
            form = str(error.detail).startswith("Multipart")
            return "parse_error", str(_("The form cannot be read.") if form else error.detail)
        case exceptions.UnsupportedMediaType():
            return "unsupported_media_type", str(error.detail)
        case exceptions.PermissionDenied():
            if str(error.detail).startswith("CSRF Failed"):  # DRF tells it in English only
                return "csrf_failed", str(_("The CSRF token is missing, or it is not that of the session."))
            return "forbidden", str(error.detail)
    codes = error.get_codes()
    return (codes if isinstance(codes, str) else error.default_code), str(error.detail)


def _unexpected(error: Exception, context: Mapping[str, Any]) -> Response:
    """Log, tell Django's own machinery (error mails, the test client), answer without the details."""
    request = context.get("request")
    log.exception("api_failed", path=getattr(request, "path", ""), error=type(error).__name__)
    got_request_exception.send(sender=handler, request=getattr(request, "_request", request))
    if is_passing(error):
        return Response(problem(503, detail=_AWAY), status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return Response(problem(500, detail=_FAILED), status=500)


def is_passing(error: BaseException | None) -> bool:
    """Whether the same may succeed in a moment: the database is away, or two requests were in each other's way."""
    return isinstance(error, OperationalError | InterfaceError)


def flatten(detail: Any, path: tuple[str, ...] = ()) -> Iterator[FieldError]:
    """Yield DRF's nested errors flat: `requester.email`, `hours.0.opens`; "" for the whole body."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from flatten(inner, path if whole else (*path, str(name)))
    elif isinstance(detail, (list, tuple)):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, (Mapping, list, tuple))
            yield from flatten(inner, (*path, str(index)) if nested else path)
    else:
        yield FieldError(".".join(path), getattr(detail, "code", None) or "invalid", str(detail))


def _of_model(error: ModelInvalid) -> Iterator[FieldError]:
    """Yield the errors of a model's or form's validation."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, inner in by_field.items():
        for one in inner:
            yield FieldError("" if field == "__all__" else field, one.code or "invalid", " ".join(one.messages))
