"""Addresses of a desk's settings."""

from __future__ import annotations

from django.urls import path

from desks import (
    views_availability,
    views_calendars,
    views_people,
    views_rota_feed,
    views_rota_rule,
    views_rotas,
    views_tags,
)

urlpatterns = [
    path("guardias/", views_rotas.index, name="rota"),
    path("guardias/tomar/", views_rotas.take, name="rota-take"),
    path("guardias/cubrir/", views_rotas.cover, name="rota-cover"),
    path("guardias/cambio/", views_rotas.propose, name="rota-propose"),
    path("guardias/ausencia/", views_rotas.absence, name="rota-absence"),
    path("guardias/cambios/<int:pk>/<slug:verb>/", views_rotas.settle, name="rota-settle"),
    path("guardias/mi-calendario/", views_rota_feed.mine, name="rota-feed"),
    path("guardias/ics/<str:secret>.ics", views_rota_feed.ics, name="rota-ics"),
    path("guardias/editar/", views_rota_rule.edit, name="rota-edit"),
    path("ajustes/personas/", views_people.index, name="people"),
    path("ajustes/personas/<int:pk>/", views_people.person, name="person"),
    path("ajustes/reparto/", views_people.sharing, name="sharing"),
    path("ajustes/etiquetas/", views_tags.index, name="tags"),
    path("ajustes/etiquetas/<int:pk>/", views_tags.tag, name="tag"),
    path("disponibilidad/", views_availability.choose, name="availability"),
    path("ajustes/", views_calendars.index, name="settings"),
    path("ajustes/dias-pico/", views_calendars.peak_days, name="peak-days"),
    path("ajustes/calendarios/<str:slug>/", views_calendars.calendar, name="calendar"),
]
