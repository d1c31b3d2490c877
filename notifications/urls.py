"""Addresses of notices and of a person's own page."""

from __future__ import annotations

from django.urls import path

from notifications.views import notices, profile

urlpatterns = [
    path("avisos/", notices.index, name="notices"),
    path("avisos/<int:pk>/reintentar/", notices.retry, name="notice_retry"),
    path("avisos/<int:pk>/cancelar/", notices.cancel, name="notice_cancel"),
    path("avisos/prueba/<str:token>/", profile.wake_test, name="wake_test"),
    path("cuenta/", profile.profile, name="profile"),
    path("cuenta/preferencias/", profile.preferences, name="preferences"),
    path("cuenta/tokens/", profile.make_token, name="token_make"),
    path("cuenta/tokens/<int:pk>/revocar/", profile.revoke_token, name="token_revoke"),
    path("cuenta/canales/", profile.add_channel, name="channel_add"),
    path("cuenta/canales/<int:pk>/probar/", profile.test_channel, name="channel_test"),
    path("cuenta/canales/<int:pk>/quitar/", profile.remove_channel, name="channel_remove"),
]
