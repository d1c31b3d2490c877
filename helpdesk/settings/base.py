"""Settings that every process shares. Each value from outside comes from the environment, typed, with its default."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF

from helpdesk import logs

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()  # data of this installation

DEBUG = False
DEMO = env.bool("DEMO", default=False)  # demo data and its sign-ins may be shown
SECRET_KEY = env.str("SECRET_KEY", default="")
LINK_KEYS = env.list("LINK_KEYS", default=[])  # signed links: the first signs, all verify
VAULT_KEYS = env.list("VAULT_KEYS", default=[])  # secrets at rest: the first encrypts, all decrypt
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")  # the address that mails point at
WAKE_WEBHOOK_URL = env.str("WAKE_WEBHOOK_URL", default="")  # voice or SMS provider for notices that wake
WAKE_WEBHOOK_SECRET = env.str("WAKE_WEBHOOK_SECRET", default="")  # HMAC key of that call
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # lets a scraper in that is not on loopback

# ------------------------------------------------------------------ applications

INSTALLED_APPS = [
    "core",
    "accounts",
    "files",
    "notifications",
    "schedules",
    "desks",
    "clients",
    "knowledge",
    "tickets",
    "stamps",
    "portal",
    "helpdesk",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "phonenumber_field",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "helpdesk.health.HealthMiddleware",
    "helpdesk.logs.RequestLogMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "accounts.middleware.InputGuard",
    "accounts.middleware.ApiProblems",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SignedOut",
    "accounts.middleware.AdminClock",
    "clients.actors.middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
ASGI_APPLICATION = "helpdesk.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.console.shell",
            ],
        },
    },
]

# ------------------------------------------------------------------ database, cache, broker

DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")

# A statement that a connection sends a third time is prepared: PostgreSQL plans it no more. Behind a pooler that
# shares connections between transactions (PgBouncer before 1.21): PREPARE_THRESHOLD=0.
PREPARE_THRESHOLD = env.int("PREPARE_THRESHOLD", default=3)
# How statements are sent; the tests send them in the same way.
DATABASE_OPTIONS = {"server_side_binding": True, "prepare_threshold": PREPARE_THRESHOLD or None}

DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL)} if DATABASE_URL else {}
if DATABASES:
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "core.postgres"
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        **DATABASES["default"].get("OPTIONS", {}),
        **DATABASE_OPTIONS,
    }

CACHES = {"default": {"BACKEND": "helpdesk.cache.ForgivingRedisCache", "LOCATION": REDIS_URL}}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ------------------------------------------------------------------ people

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/entrar/"
LOGIN_REDIRECT_URL = "/entrar/seguir/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Mesa de ayuda"

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# ------------------------------------------------------------------ language, time

LANGUAGE_CODE = "es-mx"
LANGUAGES = [("es-mx", "Español (México)"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # stored and computed; pages show the desk's zone
PHONENUMBER_DEFAULT_REGION = "MX"
PHONENUMBER_DB_FORMAT = "E164"

# ------------------------------------------------------------------ files

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=134_217_728)  # a whole form with its files
FILE_UPLOAD_PERMISSIONS = 0o600

# ------------------------------------------------------------------ mail

EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(environ.Env.email_url_config(EMAIL_URL or "consolemail://"))
EMAIL_TIMEOUT = 20
EMAIL_KEEP_DIR = env.str("EMAIL_KEEP_DIR", default="")  # the demo: what an SMTP server took also lies here
if EMAIL_KEEP_DIR and EMAIL_URL.startswith("smtp"):
    EMAIL_BACKEND = "helpdesk.mailbox.KeepingBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Mesa de ayuda <no-responder@helpdesk.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ------------------------------------------------------------------ tasks

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 240  # below visibility_timeout, else a task would run twice
CELERY_TASK_SOFT_TIME_LIMIT = 200
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", default=2)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_timeout": 10,
    "socket_connect_timeout": 5,
    "health_check_interval": 10,
}
CELERY_TIMEZONE = "UTC"
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=3)
DOORBELL = env.bool("DOORBELL", default=True)  # wake the worker on commit; beat comes by anyway
NOTICE_LEASE_SECONDS = env.int("NOTICE_LEASE_SECONDS", default=0)  # 0: by the kind of notice
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "fire due timers": {
        "task": "schedules.tasks.fire_due",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": 2 * SWEEP_SECONDS},
    },
    "send due notices": {
        "task": "notifications.tasks.send_due",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": 2 * SWEEP_SECONDS},
    },
    "show that we live": {"task": "helpdesk.tasks.beat_seen", "schedule": 10, "options": {"expires": 20}},
    "fold the counts": {"task": "tickets.tasks.fold_counts", "schedule": 60, "options": {"expires": 60}},
    "learn words": {"task": "tickets.tasks.learn_words", "schedule": 300, "options": {"expires": 300}},
    "look at stamps": {"task": "stamps.tasks.sweep_levels", "schedule": 60, "options": {"expires": 60}},
    "tidy": {"task": "helpdesk.tasks.tidy", "schedule": 3600, "options": {"expires": 3600}},
}

# ------------------------------------------------------------------ API

REST_FRAMEWORK = {
    "SCHEMA_COERCE_PATH_PK": False,  # the document names what stands in an address as its description does
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "accounts.parsers.StrictJSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttling.ApiThrottle"],
    "EXCEPTION_HANDLER": "accounts.problems.handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Helpdesk",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "ArticleStateEnum": "knowledge.models.State",
        "SupportMethodEnum": "tickets.lifecycle.SupportMethod",
        "AbsenceReasonEnum": "desks.models.AbsenceReason",
        "StampTermsEnum": "stamps.models.account.Terms",
        "OrderTermsEnum": "stamps.models.order.OrderTerms",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.schema.describe_common",
    ],
}
RATE_LIMITS = env.bool("RATE_LIMITS", default=True)
RATES = {  # "60/m": sixty a minute for one person, or for one address of strangers
    "api_read": env.str("RATE_API_READ", default="600/m"),
    "api_write": env.str("RATE_API_WRITE", default="240/m"),
    "api_anonymous": env.str("RATE_API_ANONYMOUS", default="60/m"),
    "open_ticket": env.str("RATE_OPEN_TICKET", default="60/10m"),
    "order_stamps": env.str("RATE_ORDER_STAMPS", default="30/10m"),
    "link": env.str("RATE_LINK", default="120/m"),
    "help": env.str("RATE_HELP", default="20/10m"),  # answers to articles that are counted
    "wake_test": env.str("RATE_WAKE_TEST", default="5/10m"),
}
ACCOUNT_RATE_LIMITS: dict[str, str] | bool = RATE_LIMITS and {
    "login": env.str("RATE_LOGIN", default="30/m/ip"),
    "login_failed": env.str("RATE_LOGIN_FAILED", default="20/m/ip,5/5m/key"),
    "reset_password": env.str("RATE_RESET_PASSWORD", default="20/m/ip,5/15m/key"),
}
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)  # proxies of ours that add to X-Forwarded-For
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT

# ------------------------------------------------------------------ logs

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logs.configuration(json=False, level=LOG_LEVEL)

# ------------------------------------------------------------------ what the browser may do

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
