"""PostgreSQL and Valkey for the tests: those of DATABASE_URL and REDIS_URL, else our own, once for all workers."""

import atexit
import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import environ
import redis
from django.conf import settings
from django.db import connections

from helpdesk.embedded import Embedded, Options
from helpdesk.places import EmbeddedError

HOME = "HELPDESK_TEST_HOME"  # the folder of our own server, told to the workers; not set for somebody else's
ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / ("test-other" if os.environ.get("HELPDESK_POSTGRES") else "test")


def ensure() -> None:
    """Start what the environment does not name, and tell it to this process and to the children it starts."""
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)]
    if not missing:
        return
    services = _start()
    atexit.register(services.stop)
    if "DATABASE_URL" in missing:
        os.environ[HOME] = str(services.var)
    found = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
    for name in missing:
        os.environ[name] = found[name]
    use_database(os.environ["DATABASE_URL"])
    use_redis(os.environ["REDIS_URL"])


def _start() -> Embedded:
    """Start in the folder of the last run; beside a run that is under way, in one of our own."""
    try:
        return Embedded(Options(var=VAR, fsync=False)).start()
    except EmbeddedError as error:
        if "in use" not in str(error):
            raise
        own = tempfile.mkdtemp(prefix="helpdesk-test-")
        atexit.register(shutil.rmtree, own, ignore_errors=True)
        return Embedded(Options(var=Path(own), fsync=False)).start()


def schema_mark(name: str) -> Path | None:
    """Where it is noted which migrations the test database `name` was made by; None on a server that is not ours."""
    home = os.environ.get(HOME)
    return Path(home) / f"schema-{name or 'alone'}" if home else None


def schema() -> str:
    """What the tables are made by: a digest of every migration."""
    digest = hashlib.sha256()
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def use_database(url: str) -> None:
    """Point the settings, loaded before the server was known, at `url`."""
    settings.DATABASE_URL = url
    settings.DATABASES["default"] = {**settings.DATABASES["default"], **environ.Env.db_url_config(url)}
    connections.__dict__.pop("settings", None)
    with contextlib.suppress(AttributeError):
        del connections["default"]  # made while the applications loaded


def use_redis(url: str) -> None:
    settings.REDIS_URL = settings.CELERY_BROKER_URL = url
    settings.CACHES["default"]["LOCATION"] = url


def own_redis_database(worker: int) -> None:
    """Give each worker the Valkey database after the one before it."""
    server, _, number = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{server}/{(int(number or 0) + worker) % 16}"
    use_redis(os.environ["REDIS_URL"])


def empty_redis() -> None:
    client: Any = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    client.close()
