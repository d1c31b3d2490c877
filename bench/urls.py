"""Every address of the installation, and one that only says hello."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from helpdesk.urls import urlpatterns as installation


def hello(request: HttpRequest) -> HttpResponse:
    """The least that a page can do on this server: what everything else is compared with."""
    return HttpResponse("Hello, world")


urlpatterns = [path("bench/hello/", hello), *installation]
