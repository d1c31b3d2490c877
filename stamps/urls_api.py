"""Addresses of stamps under /api/v1/."""

from __future__ import annotations

from django.urls import path

from stamps.api import accounts

urlpatterns = [
    path("stamps/accounts/", accounts.AccountList.as_view(), name="api-stamp-accounts"),
    path("stamps/accounts/<str:rfc>/", accounts.AccountDetail.as_view(), name="api-stamp-account"),
    path("stamps/accounts/<str:rfc>/usage/", accounts.Usage.as_view(), name="api-stamp-usage"),
]
