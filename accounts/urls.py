"""Addresses of signing in. The names are those that django-allauth looks up."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import include, path, re_path

from accounts import views

urlpatterns = [
    path("entrar/", allauth.login, name="account_login"),
    path("entrar/seguir/", views.follow, name="signed_in"),
    path("entrar/inactiva/", allauth.account_inactive, name="account_inactive"),
    path("entrar/alta/", allauth.signup, name="account_signup"),
    path("entrar/confirmar/", allauth.reauthenticate, name="account_reauthenticate"),
    path("entrar/contrasena/", allauth.password_reset, name="account_reset_password"),
    path("entrar/contrasena/enviada/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^entrar/contrasena/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("entrar/contrasena/lista/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("salir/", allauth.logout, name="account_logout"),
    path("cuenta/contrasena/", allauth.password_change, name="account_change_password"),
    path("cuenta/contrasena/nueva/", allauth.password_set, name="account_set_password"),
    path("cuenta/segundo-factor/", include("allauth.mfa.urls")),
]
