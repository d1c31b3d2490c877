"""The clients' addresses under the root of the API."""

from django.urls import path

from clients import api

urlpatterns = [
    path("clients/imports/", api.ImportList.as_view(), name="api-client-imports"),
    path("clients/imports/<int:pk>/", api.ImportDetail.as_view(), name="api-client-import"),
    path("clients/imports/<int:pk>/apply/", api.ImportApply.as_view(), name="api-client-import-apply"),
    path("clients/imports/<int:pk>/undo/", api.ImportUndo.as_view(), name="api-client-import-undo"),
]
