"""Addresses of what answering is made of: canned answers."""

from __future__ import annotations

from django.urls import path

from tickets.views import canned

urlpatterns = [
    path("ajustes/plantillas/", canned.index, name="canned-answers"),
    path("ajustes/plantillas/nueva/", canned.new, name="canned-answer-new"),
    path("ajustes/plantillas/<int:pk>/", canned.one, name="canned-answer"),
    path("ajustes/plantillas/<int:pk>/estado/", canned.state, name="canned-answer-state"),
]
