"""Addresses of what answering is made of: canned answers, and files that go ahead of their text."""

from __future__ import annotations

from django.urls import path

from tickets.views import canned, inserting, uploads

urlpatterns = [
    path("ajustes/plantillas/", canned.index, name="canned-answers"),
    path("ajustes/plantillas/nueva/", canned.new, name="canned-answer-new"),
    path("ajustes/plantillas/<int:pk>/", canned.one, name="canned-answer"),
    path("ajustes/plantillas/<int:pk>/estado/", canned.state, name="canned-answer-state"),
    path("tickets/<str:number>/insertar/", inserting.index, name="ticket-inserts"),
    path("tickets/<str:number>/insertar/<slug:key>/", inserting.one, name="ticket-insert"),
    path("tickets/<str:number>/subidas/", uploads.add, name="ticket-uploads"),
    path("tickets/<str:number>/subidas/<int:pk>/quitar/", uploads.remove, name="ticket-upload-remove"),
]
