"""The installation as it is measured: nothing limited, nothing debugged, mails into the void."""

import os

os.environ.setdefault("RATE_LIMITS", "0")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from helpdesk.settings.base import *  # noqa: F403
from helpdesk.settings.base import MIDDLEWARE

SECRET_KEY = "bench-only-key"  # noqa: S105
LINK_KEYS = ["bench-only-link-key"]
VAULT_KEYS = ["YmVuY2gtb25seS12YXVsdC1rZXktb2YtMzItYnl0ZXM="]
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
STATIC_ROOT = None
WHITENOISE_USE_FINDERS = True
MIDDLEWARE = ["bench.counting.StatementsMiddleware", *MIDDLEWARE]
