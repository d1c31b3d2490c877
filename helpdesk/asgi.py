"""The ASGI application: pages of Django; the streams stand in front of it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.production")

_pages = get_asgi_application()

from helpdesk.live import Streams  # noqa: E402 - reads models, so the applications come first

application = Streams(_pages)
