"""The demo's receivers: every mail is a file under its Message-ID, only signed notices are heard."""

import hashlib
import hmac
import http.client
import json
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from helpdesk import catchers
from helpdesk.processes import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SECRET = "a-secret-of-the-catcher"

Catcher = tuple[int, Path]


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Callable[[str], Catcher]]:
    """Start one as the demo does, and wait until it listens."""
    started: list[subprocess.Popen[bytes]] = []

    def start(kind: str) -> Catcher:
        port = free_port()
        argv = [sys.executable, "-m", "helpdesk.catchers", kind, "--port", str(port), "--dir", str(tmp_path)]
        started.append(subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "WAKE_WEBHOOK_SECRET": SECRET}))
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return port, tmp_path
            time.sleep(0.05)
        raise AssertionError("the catcher does not listen")

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def mail(message_id: str, text: str = "Buen día") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "mesa@desk.example", "rosa@client.example"
    message["Subject"] = "Recibimos su reporte IMX-1 ñ"
    if message_id:
        message["Message-ID"] = message_id
    message.set_content(text)
    return message


def test_each_mail_is_one_file_named_by_its_message_id(catcher: Callable[[str], Catcher]) -> None:
    port, folder = catcher("mail")
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.send_message(mail("<n-1.a@desk.example>"))
        server.send_message(mail("<n-1.a@desk.example>"))
        server.send_message(mail("<../../etc/passwd>"))
        server.send_message(mail("", "sin identificador"))

    names = sorted(path.name for path in folder.glob("*.eml"))

    assert len(names) == 3
    assert "n-1.a@desk.example.eml" in names
    assert "_.._etc_passwd.eml" in names
    content = (folder / "n-1.a@desk.example.eml").read_bytes()
    assert content.startswith(b"From: mesa@desk.example\r\n")


def post(port: int, body: bytes, *, secret: str = SECRET, at: float | None = None) -> int:
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-Helpdesk-Timestamp": stamp, "X-Helpdesk-Signature": f"v1={mac}", "Idempotency-Key": "n/1"}
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    client.request("POST", "/", body, headers)
    status = client.getresponse().status
    client.close()
    return status


def test_signed_notice_is_kept_and_others_are_refused(catcher: Callable[[str], Catcher]) -> None:
    port, folder = catcher("wake")
    body = json.dumps({"to": "+525555550101", "text": "IMX-1 detiene la operación"}).encode()

    assert post(port, body, secret="another") == 401
    assert post(port, body, at=time.time() - 3600) == 401
    assert list(folder.glob("*.json")) == []
    assert post(port, body) == 204
    assert post(port, body) == 204

    [kept] = folder.glob("*.json")
    assert kept.name == "n_1.json"
    assert kept.read_bytes() == body


@pytest.mark.parametrize(
    ("identity", "name"),
    [
        pytest.param("<a@b>", "a@b.eml", id="plain"),
        pytest.param("<.hidden@b>", "hidden@b.eml", id="hidden"),
        pytest.param("<a/b\\c@d>", "a_b_c@d.eml", id="separators"),
        pytest.param("x" * 400, "x" * 150 + ".eml", id="long"),
    ],
)
def test_file_name_is_safe(identity: str, name: str) -> None:
    assert catchers.file_name(identity, b"", ".eml") == name


def test_signature_is_the_senders() -> None:
    """The receiver's arithmetic is written apart from the sender's, and they agree."""
    from notifications import webhook

    given = webhook.signature(SECRET, "1795234000", b"{}")

    assert catchers.signed(SECRET, "1795234000", b"{}", given, now=1795234010)
    assert not catchers.signed(SECRET, "1795234000", b"{ }", given, now=1795234010)


def test_keeping_backend_files_what_the_server_took(
    catcher: Callable[[str], Catcher], tmp_path: Path, settings: object
) -> None:
    from django.core.mail import EmailMessage as DjangoMail
    from django.core.mail import get_connection

    port, _ = catcher("mail")
    kept = tmp_path / "kept"
    settings.EMAIL_KEEP_DIR = str(kept)  # type: ignore[attr-defined]
    connection = get_connection("helpdesk.mailbox.KeepingBackend", host="127.0.0.1", port=port)
    message = DjangoMail("Hola", "Texto", "mesa@desk.example", ["rosa@client.example"], headers={"Message-ID": "<k@d>"})

    assert connection.send_messages([message]) == 1
    assert b"Message-ID: <k@d>" in (kept / "k@d.eml").read_bytes()
