"""Addresses of how work is shared out: absences, whom a ticket would go to, who waits for their executive."""

from __future__ import annotations

from django.urls import path

from tickets.views import absences, executive, whom

urlpatterns = [
    path("ajustes/ausencias/", absences.index, name="absences"),
    path("ajustes/ausencias/nueva/", absences.new, name="absence-new"),
    path("ajustes/ausencias/<int:pk>/", absences.detail, name="absence"),
    path("ajustes/ausencias/<int:pk>/retirar/", absences.withdraw, name="absence-withdraw"),
    path("ejecutivo/", executive.index, name="executive"),
    path("ejecutivo/<str:number>/atendido/", executive.answered, name="executive-answered"),
    path("tickets/<str:number>/a-quien/", whom.index, name="ticket-whom"),
]
