"""Building an image: what `collectstatic` needs, and nothing that needs a secret or a server."""

from helpdesk.settings.base import *  # noqa: F403
from helpdesk.settings.base import STORAGES

SECRET_KEY = "build-only"  # noqa: S105 - signs nothing: this process serves nobody
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
