"""The names that the pages of access look up, for the preview: its pages lead nowhere."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def nowhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


NAMES = [
    "account_login", "account_logout", "account_reset_password", "account_change_password", "account_reauthenticate",
    "mfa_authenticate", "mfa_reauthenticate", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
]  # fmt: skip
urlpatterns = [path(f"{name}/", nowhere, name=name) for name in NAMES]
