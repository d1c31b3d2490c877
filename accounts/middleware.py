"""What holds for every request before any view sees it, and how the API's refusals look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import problems
from accounts.fields import DEFAULT_ZONE
from accounts.parsers import storable
from core.errors import FieldError

GetResponse = Callable[[HttpRequest], HttpResponse]
API: Final = "/api/"
ADMIN: Final = "/admin/"
JSON: Final = "application/json"


class InputGuard:
    """Refuse what no view could store or should read: NUL characters (400), huge bodies (413)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _is_clean(request):
            message = _("The address holds characters that cannot be kept.")
            errors = [FieldError(name, "invalid_characters", message) for name in _unclean_parameters(request)]
            return _refuse(request, 400, "invalid_characters", message, errors)
        if _length(request) > _limit(request):
            return _refuse(request, 413, "too_large", _("The request is larger than what is taken here."))
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Refuse a form with a NUL that went past its fields to the database; nothing of it was kept."""
        if not problems.holds_nul(exception):
            return None
        return _refuse(request, 400, "invalid_characters", _("The text holds characters that cannot be kept."))


def _is_clean(request: HttpRequest) -> bool:
    query = request.META.get("QUERY_STRING", "")
    if "\x00" in query or "%00" in query or not storable(request.path_info):
        return False
    # A quoted cookie may spell a NUL ("\000"), and a session key is looked up in the database.
    return all(map(storable, request.COOKIES.values()))


def _unclean_parameters(request: HttpRequest) -> list[str]:
    """Return the names of the query's parameters that hold a NUL, themselves clean."""
    return [name for name, values in request.GET.lists() if storable(name) and any("\x00" in v for v in values)]


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _limit(request: HttpRequest) -> int:
    if request.content_type == "multipart/form-data":
        return int(settings.MAX_UPLOAD_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _refuse(
    request: HttpRequest, status: int, code: str, detail: str, errors: Sequence[FieldError] = ()
) -> HttpResponse:
    if request.path_info.startswith(API):
        return problems.respond(status, code=code, detail=detail, errors=list(errors))
    return HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")


class SignedOut:
    """Answer 401 to a piece of a page that nobody is signed in for any more.

    The redirect would draw the sign-in into the place of the piece, beside what somebody is writing.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        piece = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"
        if piece and response.status_code == 302 and urlsplit(response["Location"]).path == settings.LOGIN_URL:
            return HttpResponse(status=401)
        return response


class AdminClock:
    """Let the administration show and take the hours of central Mexico; other pages convert by their desk."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ADMIN):
            return self.get_response(request)
        with timezone.override(DEFAULT_ZONE):
            return self.get_response(request)


class ApiProblems:
    """Speak the caller's language under /api/, and turn every refusal there into a problem.

    Pages are Spanish whatever the browser says; the API answers in English to who asks for it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(API):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
            if response.status_code >= 400 and not _is_json(response):
                response = _as_problem(response)
            elif response.status_code == 301 and request.method not in ("GET", "HEAD"):
                response.status_code = 308  # to the address with its slash, and still what it was: never a GET
        response["Content-Language"] = language
        response["Vary"] = _vary(response)
        return response


def _is_json(response: HttpResponse) -> bool:
    return response.headers.get("Content-Type", "").startswith((JSON, problems.CONTENT_TYPE))


def _as_problem(response: HttpResponse) -> HttpResponse:
    """Return a problem of the same status with the headers that a client acts on."""
    answer = problems.respond(response.status_code)
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response.headers:
            answer[name] = response[name]
    return answer


def _vary(response: HttpResponse) -> str:
    names = [name.strip() for name in response.headers.get("Vary", "").split(",") if name.strip()]
    return ", ".join(dict.fromkeys([*names, "Accept-Language"]))
