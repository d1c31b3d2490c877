"""A server that people rely on. Refuses to start with settings that are not safe."""

from helpdesk import logs
from helpdesk.settings.base import *  # noqa: F403
from helpdesk.settings.base import LOG_LEVEL, STORAGES, env
from helpdesk.settings.guard import refuse_unsafe

DEBUG = env.bool("DEBUG", default=False)
LOGGING = logs.configuration(json=True, level=LOG_LEVEL)
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}

SESSION_COOKIE_SECURE = env.bool("SESSION_COOKIE_SECURE", default=True)
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = env.bool("CSRF_COOKIE_SECURE", default=True)
CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy in front must set or strip it
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

refuse_unsafe(globals())
