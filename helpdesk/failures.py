"""What is answered when something failed: 500, and 503 while the database cannot be asked."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error as failed

from accounts import problems


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for whatever was raised: Django calls it while the exception is being handled.

    A database that restarts or does not answer, a deadlock, a lock that was waited for in vain: nothing was kept, and
    the same request may succeed in a moment.
    """
    if not problems.is_passing(sys.exc_info()[1]):
        return failed(request)
    response = render(None, "503.html", status=503)
    response["Retry-After"] = str(problems.RETRY_SECONDS)
    return response
