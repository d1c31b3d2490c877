"""Addresses of what answering is made of: canned answers, macros, and files that go ahead of their text."""

from __future__ import annotations

from django.urls import path

from tickets.views import canned, inserting, macros, uploads

urlpatterns = [
    path("ajustes/plantillas/", canned.index, name="canned-answers"),
    path("ajustes/plantillas/nueva/", canned.new, name="canned-answer-new"),
    path("ajustes/plantillas/<int:pk>/", canned.one, name="canned-answer"),
    path("ajustes/plantillas/<int:pk>/estado/", canned.state, name="canned-answer-state"),
    path("ajustes/macros/", macros.index, name="macros"),
    path("ajustes/macros/nueva/", macros.new, name="macro-new"),
    path("ajustes/macros/<int:pk>/", macros.one, name="macro"),
    path("ajustes/macros/<int:pk>/estado/", macros.state, name="macro-state"),
    path("tickets/<str:number>/macros/", macros.choose, name="ticket-macros"),
    path("tickets/<str:number>/macros/<int:pk>/", macros.run, name="ticket-macro"),
    path("tickets/<str:number>/insertar/", inserting.index, name="ticket-inserts"),
    path("tickets/<str:number>/insertar/<slug:key>/", inserting.one, name="ticket-insert"),
    path("tickets/<str:number>/subidas/", uploads.add, name="ticket-uploads"),
    path("tickets/<str:number>/subidas/<int:pk>/quitar/", uploads.remove, name="ticket-upload-remove"),
]
