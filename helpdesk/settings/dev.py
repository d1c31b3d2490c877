"""A developer's machine and the demo. Reads what `make demo` wrote to VAR_DIR/demo.env; the environment wins."""

import os
from pathlib import Path

import environ

_root = Path(__file__).resolve().parent.parent.parent
environ.Env.read_env(Path(os.environ.get("VAR_DIR", _root / "var")) / "demo.env")

from helpdesk.settings.base import *  # noqa: E402, F403
from helpdesk.settings.base import env  # noqa: E402

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="dev-only-key-that-production-refuses")
LINK_KEYS = env.list("LINK_KEYS", default=["dev-only-link-key-that-production-refuses"])
VAULT_KEYS = env.list("VAULT_KEYS", default=["ZGV2LW9ubHktdmF1bHQta2V5LXJlZnVzZWQtaW4tcCE="])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", ".localhost"])
STATIC_ROOT = None  # nothing is collected, files are served from where they are written
WHITENOISE_USE_FINDERS = True
