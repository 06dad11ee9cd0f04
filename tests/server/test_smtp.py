"""Mail goes to a mail server: at least once, and never a code that has expired."""

import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import cast

import httpx
import pytest

from mfa_tui.cli.commands import serve
from mfa_tui.cli.options import ServeOptions
from mfa_tui.errors import UsageError
from mfa_tui.redaction import Secret
from mfa_tui.server import mail
from mfa_tui.server.database import Location
from mfa_tui.server.mail import SIGN_IN_CODE_SECONDS
from mfa_tui.server.service import Service
from mfa_tui.server.smtp import SmtpDelivery
from mfa_tui.storage.errors import ExposedFileError
from tests.support.caller import Caller, Clock, wait_for_mails
from tests.support.certificate import self_signed

MAIL = mail.Mail("a.eml", b"To: a@example.org\r\nFrom: b@example.org\r\nSubject: Hello\r\n\r\n")


@dataclass
class MailServer:
    """A mail server that keeps the subjects of the mails that it takes."""

    port: int
    reply: str = "250 taken"
    """The reply to a mail's content."""
    login_reply: str = "235 welcome"
    tls: ssl.SSLContext | None = None
    """None if it has no STARTTLS."""
    logins: list[str] = field(default_factory=list)
    """What AUTH PLAIN has sent."""
    received: list[str] = field(default_factory=list)
    refused: threading.Event = field(default_factory=threading.Event)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        mail_server = cast("_Server", self.server).mail_server
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            if line.lower().startswith(b"data"):
                self.wfile.write(b"354 go on\r\n")
                content = b"".join(iter(self.rfile.readline, b".\r\n"))
                if mail_server.reply.startswith("250"):
                    mail_server.received.append(message_from_bytes(content)["Subject"])
                else:
                    mail_server.refused.set()
                self.wfile.write(f"{mail_server.reply}\r\n".encode())
            elif line.lower().startswith(b"ehlo"):
                self.wfile.write(b"250-localhost\r\n")
                self.wfile.write(b"250-STARTTLS\r\n" if mail_server.tls else b"")
                self.wfile.write(b"250 AUTH PLAIN\r\n")
            elif line.lower().startswith(b"starttls") and mail_server.tls:
                self.wfile.write(b"220 go on\r\n")
                self.request = mail_server.tls.wrap_socket(self.request, server_side=True)
                self.setup()
            elif line.lower().startswith(b"auth plain"):
                mail_server.logins.append(b64decode(line.split()[2]).decode())
                self.wfile.write(f"{mail_server.login_reply}\r\n".encode())
            else:
                self.wfile.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 fine\r\n")

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # the server knows only the socket without TLS


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mail_server: MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.mail_server = MailServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.mail_server
        server.shutdown()
        thread.join()


@pytest.fixture
def tls(mail_server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Gives the mail server STARTTLS, with a certificate that is trusted."""
    certificate, key = self_signed(tmp_path)
    mail_server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    mail_server.tls.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@pytest.fixture
def login(mail_server: MailServer) -> mail.MailServer:
    return mail.MailServer("localhost", mail_server.port, "ada", Secret("open sesame"))


@pytest.fixture
def location(location: Location, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Location:
    monkeypatch.setattr(mail, "LOOK_SECONDS", 0.01)
    return Location(location.folder, location.database_url, mail_server=mail.MailServer("127.0.0.1", mail_server.port))


async def test_a_mail_server_gets_each_mail_once(service: Service, anyone: Caller, mail_server: MailServer) -> None:
    for _ in range(3):
        await anyone.ask_for_code()
    wait_for_mails(service)
    assert mail_server.received == ["Your sign-in code"] * 3
    assert not list(service.outbox.iterdir())


async def test_a_mail_that_is_not_taken_now_is_sent_later(
    service: Service, anyone: Caller, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.reply = "451 later"
    await anyone.ask_for_code()
    assert mail_server.refused.wait(10)
    mail_server.reply = "250 taken"
    clock.tick(mail.CLAIM_SECONDS)
    wait_for_mails(service)
    assert mail_server.received == ["Your sign-in code"]


async def test_a_code_that_has_expired_is_not_sent(
    service: Service, anyone: Caller, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.reply = "451 later"
    await anyone.ask_for_code()
    assert mail_server.refused.wait(10)
    mail_server.reply = "250 taken"
    clock.tick(SIGN_IN_CODE_SECONDS)
    await anyone.ask_for_code("bob@example.org")
    wait_for_mails(service)
    assert mail_server.received == ["Your sign-in code"]


async def test_a_mail_that_is_refused_for_good_is_not_sent_again(
    service: Service, anyone: Caller, mail_server: MailServer
) -> None:
    mail_server.reply = "550 no such user"
    await anyone.ask_for_code()
    wait_for_mails(service)
    assert mail_server.received == []


async def test_another_process_sends_the_mail_of_one_that_was_killed(
    location: Location, mail_server: MailServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, closing(Service.open(location, clock=clock)) as killed:
        patched.setattr(mail.Outbox, "_deliver", lambda _outbox, _mail: False)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(killed.app), base_url="http://service") as http:
            await Caller(http, killed).ask_for_code()
    with closing(Service.open(location, clock=clock)) as other:
        clock.tick(mail.CLAIM_SECONDS)
        wait_for_mails(other)
    assert mail_server.received == ["Your sign-in code"]


async def test_a_mail_server_on_another_machine_needs_tls(
    monkeypatch: pytest.MonkeyPatch, mail_server: MailServer
) -> None:
    monkeypatch.setattr(SmtpDelivery, "_is_local", staticmethod(lambda _server: False))
    with pytest.raises(OSError, match="STARTTLS"):
        SmtpDelivery(mail.MailServer("127.0.0.1", mail_server.port)).deliver(MAIL)
    assert mail_server.received == []


def test_login_is_sent_over_tls(mail_server: MailServer, tls: Path, login: mail.MailServer) -> None:
    assert tls
    SmtpDelivery(login).deliver(MAIL)
    assert (mail_server.logins, mail_server.received) == (["\0ada\0open sesame"], ["Hello"])


def test_login_is_not_sent_without_tls(mail_server: MailServer, login: mail.MailServer) -> None:
    with pytest.raises(OSError, match="STARTTLS"):
        SmtpDelivery(login).deliver(MAIL)
    assert (mail_server.logins, mail_server.received) == ([], [])


def test_mail_waits_while_the_login_is_refused(
    mail_server: MailServer, tls: Path, login: mail.MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    assert tls
    mail_server.login_reply = "535 no"
    with pytest.raises(OSError, match="535"):
        SmtpDelivery(login).deliver(MAIL)
    assert mail_server.received == []
    assert caplog.messages == ["the mail server refuses the login"]


def test_login_is_read_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "login"
    path.write_text("ada\nopen sesame\n")
    path.chmod(0o600)
    options = ServeOptions(data_dir=tmp_path, smtp="mail.example.org:587", smtp_login=path)
    expected = mail.MailServer("mail.example.org", 587, "ada", Secret("open sesame"))
    assert serve._mail_server(options) == expected
    path.chmod(0o640)
    with pytest.raises(ExposedFileError):
        serve._mail_server(options)


@pytest.mark.parametrize("content", [None, "", "ada", "ada\n\n", "ada\np\u00e4ss\n", "ada\nopen\nsesame\n"])
def test_login_of_another_form_is_a_usage_error(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "login"
    if content is not None:
        path.write_text(content)
        path.chmod(0o600)
    with pytest.raises(UsageError, match="not a user and a password"):
        serve.run(ServeOptions(data_dir=tmp_path / "data", smtp="localhost:25", smtp_login=path))


def test_login_without_a_mail_server_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no mail server"):
        serve.run(ServeOptions(data_dir=tmp_path / "data", smtp_login=tmp_path / "login"))


@pytest.mark.parametrize("smtp", ["localhost", ":25", "localhost:", "localhost:smtp", "localhost:70000"])
def test_a_mail_server_without_host_and_port_is_a_usage_error(location: Location, smtp: str) -> None:
    with pytest.raises(UsageError, match="mail server"):
        serve.run(ServeOptions(data_dir=location.folder, smtp=smtp))
