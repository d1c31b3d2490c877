"""One line a request, one line an event; never an RFC, a signed link, a password or a token in any of them."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

from core import privacy

GetResponse = Callable[[HttpRequest], HttpResponse]

MASKS = (
    (privacy.LINK, r"\1…"),
    (re.compile(r"\b[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}\b", re.IGNORECASE), "RFC…"),  # 13 characters are personal data
    (re.compile(r"((?:Token|Bearer)\s+)[\w.~+/=-]+", re.IGNORECASE), r"\1…"),
    (re.compile(r"(://[^:/\s@]*:)[^@\s/]+@"), r"\1…@"),  # the password in a URL
)
SECRET_NAMES = re.compile(r"password|passwd|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
REQUEST_ID = re.compile(r"[\w.-]{8,64}")


def masked(value: Any) -> Any:
    """Return `value` with what must not be logged blotted out, inside lists and mappings too."""
    if isinstance(value, str):
        for pattern, instead in MASKS:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        return {k: "…" if SECRET_NAMES.search(str(k)) else masked(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(item) for item in value]
    return value


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every field of an event; a structlog processor."""
    record = {name: event.pop(name) for name in ("_record", "_from_structlog") if name in event}
    return {**masked(event), **record}


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configuration(*, json: bool, level: str) -> dict[str, Any]:
    """Return Django's LOGGING; structlog and the standard library end in the same lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    if not json:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    last = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
        renderer,
    ]
    formatter = {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": SHARED, "processors": last}
    quiet = {"handlers": [], "propagate": True, "level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": level},
            "django.server": quiet,
            "django.request": {**quiet, "level": "ERROR"},
            "uvicorn.access": quiet,
            # A line a task, every few seconds, says nothing.
            **dict.fromkeys(("celery.app.trace", "celery.worker.strategy", "celery.beat"), quiet),
        },
    }


class RequestLogMiddleware:
    """Give each request an id, on every line it causes and in the answer, and write one line when it ends."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.log = structlog.get_logger("helpdesk.request")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            if logging.getLogger("helpdesk.request").isEnabledFor(logging.INFO):
                self._write(request, response, started)
        response["X-Request-ID"] = request_id
        return response

    def _write(self, request: HttpRequest, response: HttpResponse, started: float) -> None:
        user = request.__dict__.get("_cached_user")  # who was looked up anyway; a line costs no query
        self.log.info(
            "request",
            method=request.method,
            path=request.path,  # without the query: people search for names and RFCs
            status=response.status_code,
            ms=round((time.monotonic() - started) * 1000, 1),
            user=getattr(user, "pk", None),
        )
