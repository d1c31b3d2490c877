"""How many SQL statements a request sends: asked for by a header, so that what is timed is not watched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.http import HttpRequest, HttpResponse

ASKS: Final = "HTTP_X_BENCH_COUNT"
ANSWERS: Final = "X-Bench-Statements"


class StatementsMiddleware:
    """Counts what goes through a cursor; BEGIN, COMMIT and SAVEPOINT are the driver's and not counted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if ASKS not in request.META:
            return self.get_response(request)
        seen = 0

        def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            nonlocal seen
            words = str(sql).lstrip().upper()
            seen += not words.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT"))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(watch):
            response = self.get_response(request)
        response[ANSWERS] = str(seen)
        return response
