"""Where the demo's mails and wake notices end: a real SMTP server and a real webhook receiver, both on loopback.

python -m helpdesk.catchers mail --port P --dir VAR/mail      one .eml a mail, named by its Message-ID
python -m helpdesk.catchers wake --port P --dir VAR/wake      one .json a notice; needs WAKE_WEBHOOK_SECRET
"""

import argparse
import asyncio
import email
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MAIL_LIMIT = 40 * 1024 * 1024
WAKE_LIMIT = 64 * 1024
FRESH_SECONDS = 300  # an older signature may be a replay


def file_name(identity: str, content: bytes, suffix: str) -> str:
    """Return a safe name made from `identity` (a Message-ID, a key), or from the content where that is empty."""
    safe = re.sub(r"[^A-Za-z0-9._@+=-]", "_", identity.strip().strip("<>")).lstrip(".")[:150]
    return (safe or hashlib.sha256(content).hexdigest()[:32]) + suffix


def keep(folder: Path, name: str, content: bytes) -> Path:
    """Write the file whole or not at all; a second copy takes the place of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".", delete=False) as partial:
        partial.write(content)
    path = folder / name
    Path(partial.name).chmod(0o644)
    Path(partial.name).rename(path)
    return path


def keep_mail(folder: Path, content: bytes) -> Path:
    """Keep one mail as `.eml`."""
    message_id = str(email.message_from_bytes(content).get("Message-ID", ""))
    return keep(folder, file_name(message_id, content, ".eml"), content)


# ---------------------------------------------------------------- mail


class MailHandler:
    """What aiosmtpd calls for each mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Keep the mail; only then accept it."""
        try:
            path = keep_mail(self.folder, envelope.original_content)
        except OSError as error:
            return f"451 4.3.0 not kept: {type(error).__name__}"
        print(f"mail  {', '.join(envelope.rcpt_tos)}  {path.name}", flush=True)  # noqa: T201
        return "250 2.0.0 kept"


async def catch_mail(port: int, folder: Path) -> None:
    """Accept every mail for ever."""
    from aiosmtpd.smtp import SMTP

    handler = MailHandler(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=MAIL_LIMIT, loop=loop),
        "127.0.0.1",
        port,
    )
    async with server:
        await server.serve_forever()


# ---------------------------------------------------------------- wake notices


def signed(secret: str, timestamp: str, body: bytes, signature: str, now: float) -> bool:
    """Tell whether `signature` is ours over a fresh timestamp and the body; what every receiver has to check."""
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > FRESH_SECONDS:
        return False
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v1={mac}", signature)


class WakeHandler(BaseHTTPRequestHandler):
    """A voice provider that writes down what it would have said."""

    folder: Path
    secret: str

    def do_POST(self) -> None:
        """Keep a notice whose signature holds; refuse any other."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > WAKE_LIMIT:
            self._answer(413)
            return
        body = self.rfile.read(length)
        stamp, given = (self.headers.get(f"X-Helpdesk-{name}", "") for name in ("Timestamp", "Signature"))
        if not signed(self.secret, stamp, body, given, time.time()):
            print("wake  refused: the signature does not hold", flush=True)  # noqa: T201
            self._answer(401)
            return
        key = self.headers.get("Idempotency-Key", "")
        path = keep(self.folder, file_name(key, body, ".json"), body)
        print(f"wake  {_summary(body)}  {path.name}", flush=True)  # noqa: T201
        self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the notice's own line is enough."""


def _summary(body: bytes) -> str:
    try:
        notice = json.loads(body)
    except ValueError:
        return "(not JSON)"
    return " ".join(str(notice[name]) for name in ("to", "text") if name in notice) if isinstance(notice, dict) else ""


def catch_wake(port: int, folder: Path, secret: str) -> None:
    """Accept signed notices for ever."""
    handler = type("Handler", (WakeHandler,), {"folder": folder, "secret": secret})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.serve_forever()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one catcher in the foreground."""
    parser = argparse.ArgumentParser(prog="python -m helpdesk.catchers", description=main.__doc__)
    parser.add_argument("kind", choices=["mail", "wake"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    given = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if given.kind == "mail":
        asyncio.run(catch_mail(given.port, given.dir))
    else:
        catch_wake(given.port, given.dir, os.environ["WAKE_WEBHOOK_SECRET"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
