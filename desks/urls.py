"""Addresses of a desk's settings."""

from __future__ import annotations

from django.urls import path

from desks import views_calendars

urlpatterns = [
    path("ajustes/", views_calendars.index, name="settings"),
    path("ajustes/calendarios/<str:slug>/", views_calendars.calendar, name="calendar"),
]
