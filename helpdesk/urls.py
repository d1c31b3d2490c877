"""Every address of the installation. Each app owns its list; the order here decides a tie."""

from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.utils.translation import gettext_lazy as _

from core.resolving import Remembering
from helpdesk.metrics import metrics

admin.site.site_header = admin.site.site_title = _("Helpdesk")
admin.site.index_title = _("Administration of the installation")
# One way in, with its limits and its second factor, for the administration too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

patterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("metrics", metrics),
]

# The API: each app's list, `<app>/urls_api.py`; `helpdesk` holds the root with the schema.
for app in (
    "helpdesk",
    "accounts",
    "notifications",
    "schedules",
    "desks",
    "clients",
    "knowledge",
    "tickets",
    "stamps",
    "portal",
):
    if find_spec(f"{app}.urls_api") is not None:
        patterns.append(path("api/v1/", include(f"{app}.urls_api")))

# Apps whose addresses are included at the root, in order; `portal` last: it owns `/{desk}/`.
for app in ("accounts", "notifications", "schedules", "desks", "clients", "knowledge", "tickets", "stamps", "portal"):
    if find_spec(f"{app}.urls") is not None:
        patterns.append(path("", include(f"{app}.urls")))

urlpatterns = [Remembering(patterns)]
handler500 = "helpdesk.failures.server_error"
