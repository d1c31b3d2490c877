"""The pages, for gunicorn."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.production")

application = get_wsgi_application()
import_module("helpdesk.urls")  # a page that cannot be loaded stops the start, and the first visitor waits for none
