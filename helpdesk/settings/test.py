"""The tests: real PostgreSQL and Valkey, nothing that leaves the machine, nothing slow on purpose."""

from helpdesk.settings.base import *  # noqa: F403
from helpdesk.settings.base import DATABASE_OPTIONS, DATABASES, env

# The tests' own services are started after this is read, see tests/services.py; until then an address where nobody is.
DATABASES.setdefault("default", env.db_url_config("postgresql://postgres@127.0.0.1:1/helpdesk", engine="core.postgres"))
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["OPTIONS"] = {**DATABASES["default"].get("OPTIONS", {}), **DATABASE_OPTIONS}

SECRET_KEY = "test-only-key"  # noqa: S105
LINK_KEYS = ["test-only-link-key"]
VAULT_KEYS = ["dGVzdC1vbmx5LXZhdWx0LWtleS1vZi0zMi1ieXRlcyE="]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
RATE_LIMITS = False
ACCOUNT_RATE_LIMITS = False
DOORBELL = False
STATIC_ROOT = None  # nothing is collected, files are served from where they are written
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # looked for when asked for: every test client would list them all first
