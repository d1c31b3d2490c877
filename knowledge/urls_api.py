"""Addresses of articles under the root of the API."""

from __future__ import annotations

from django.urls import path

from knowledge import api

urlpatterns = [
    path("knowledge/articles/", api.ArticleList.as_view(), name="api-articles"),
    path("knowledge/articles/<int:pk>/", api.ArticleDetail.as_view(), name="api-article"),
]
