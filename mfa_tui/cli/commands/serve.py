"""`mfa-tui serve`: the built-in service over HTTP."""

import logging
import signal
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mfa_tui.cli import service_data
from mfa_tui.cli.options import ServeOptions
from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.protocol.codec import is_email_address
from mfa_tui.redaction import Secret
from mfa_tui.server import relying_party
from mfa_tui.server.database import Location
from mfa_tui.server.errors import FolderNotUsableError
from mfa_tui.server.limits import Limits, RateLimiter
from mfa_tui.server.mail import MailServer
from mfa_tui.server.service import ApiOptions, Service
from mfa_tui.storage import private_file
from mfa_tui.storage.profile import parse_environment_id

if TYPE_CHECKING:
    from mfa_tui.server.http_server import Server

_HIGHEST_PORT = 65_535
_MAX_LOGIN_BYTES = 4096

_STOPPED_BY = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


def run(options: ServeOptions) -> ExitCode:
    """Serve until a signal; requests in progress are completed.

    Raises:
        UsageError: An address, the certificate, the login for mail or the environment's UUID cannot be used.
        StorageError: The file with that login may be read by others, or cannot be read.
        ServiceError: The service cannot run on its data folder.
    """
    from mfa_tui.server.http_server import Server  # noqa: PLC0415 - uvicorn, only for this command

    logging.basicConfig(level=logging.WARNING, format="mfa-tui serve: %(message)s")
    certificate = _certificate(options)
    trusted_proxies = _trusted_proxies(options)
    with _listening(options, safe=bool(certificate or trusted_proxies)) as listening:
        service = _service(options)
        try:
            seeds = _seed(service, options)

            def announce() -> None:
                url = _url(listening, "https" if certificate else "http")
                print(_announcement(url, service, seeds), flush=True)  # noqa: T201

            try:
                server = Server(service.app, announce, certificate=certificate, trusted_proxies=trusted_proxies)
            except OSError as error:
                raise UsageError(
                    f"The certificate or its key cannot be used: {error.strerror or 'not as expected'}.",
                    hint="Give a PEM file with the certificate chain, and one with its key.",
                ) from None
            return _until_signalled(server, listening)
        finally:
            service.close()


def _service(options: ServeOptions) -> Service:
    try:
        return Service.open(
            _location(options),
            environment_id=_environment_id(options),
            limiter=RateLimiter(Limits(options.limits)),
            api=ApiOptions(_origins(options), requires_elevated_token=options.api_version is not None),
        )
    except FolderNotUsableError as error:
        raise UsageError(error.message, hint=error.hint) from None


def _seed(service: Service, options: ServeOptions) -> Path | None:
    if not options.seed_user:
        return None
    if not all(is_email_address(email) for email in options.seed_user):
        raise UsageError("A user to create is not an e-mail address.", hint="Give it as ada@example.org.")
    try:
        return service.seed(options.seed_user, with_totp=options.seed_app)
    except FolderNotUsableError as error:
        raise UsageError(error.message, hint=error.hint) from None


def _announcement(url: str, service: Service, seeds: Path | None) -> str:
    """Return the lines about the service, and the settings with which a web app uses it."""
    lines = [f"listening on {url}", f"environment {service.environment_id}", f"outbox {service.outbox}"]
    if seeds is not None:
        lines.append(f"seeds {seeds}")
    snippet = f"""
createDynamicClient({{
  environmentId: "{service.environment_id}",
  coreConfig: {{ apiBaseUrl: "{url}" }},
  instrumentation: {{ enabled: false }},
}});"""
    return "\n".join(lines) + snippet


def _until_signalled(server: "Server", listening: socket.socket) -> ExitCode:
    # uvicorn handles these signals while it serves, and then raises them again for the previous handlers.
    received: list[int] = []

    def record(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, record) for number in _STOPPED_BY}
    try:
        server.run([listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _STOPPED_BY[signal.Signals(received[0])] if received else ExitCode.DONE


def _certificate(options: ServeOptions) -> tuple[Path, Path] | None:
    if options.tls_cert is None and options.tls_key is None:
        return None
    if options.tls_cert is None or options.tls_key is None:
        raise UsageError("TLS takes a certificate and its key.", hint="Give both --tls-cert and --tls-key.")
    return options.tls_cert, options.tls_key


def _trusted_proxies(options: ServeOptions) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(address) for address in options.trusted_proxy]
    except ValueError:
        raise UsageError(
            "A trusted proxy is not an IP address or network.",
            hint="Give it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::7.",
        ) from None


def _origins(options: ServeOptions) -> tuple[str, ...]:
    if not all(relying_party.is_origin(origin) for origin in options.origin):
        raise UsageError(
            "Passkeys cannot be used at an --origin: browsers allow them only on https and at a host name.",
            hint="Give it as https://app.example.org, without a path. http://localhost needs no --origin.",
        )
    return tuple(options.origin)


def _location(options: ServeOptions) -> Location:
    return replace(service_data.location(options), mail_server=_mail_server(options))


def _mail_server(options: ServeOptions) -> MailServer | None:
    if options.smtp is None:
        if options.smtp_login is not None:
            raise UsageError("There is no mail server to log in to.", hint="Give --smtp HOST:PORT too.")
        return None
    host, _, port = options.smtp.rpartition(":")
    if not host or not port.isdecimal() or int(port) > _HIGHEST_PORT:
        raise UsageError("The mail server is not a host and a port.", hint="Give it as HOST:PORT.")
    return MailServer(host.strip("[]"), int(port), *_smtp_login(options.smtp_login))


def _smtp_login(path: Path | None) -> tuple[str, Secret]:
    if path is None:
        return "", Secret("")
    content = private_file.read(path, _MAX_LOGIN_BYTES) or b""
    lines = content.decode("ascii", "replace").splitlines()
    if len(lines) != 2 or not all(line and line.isascii() for line in lines):
        raise UsageError(
            "The login for the mail server is not a user and a password.",
            hint="Write both into the file of --smtp-login, a line each, in ASCII.",
        )
    return lines[0], Secret(lines[1])


def _environment_id(options: ServeOptions) -> str | None:
    if options.environment_id is None:
        return None
    environment_id = parse_environment_id(options.environment_id)
    if environment_id is None:
        raise UsageError("The environment is not a UUID.", hint="Give it as 8-4-4-4-12 hex digits.")
    return environment_id


def _listening(options: ServeOptions, *, safe: bool) -> socket.socket:
    address = f"{options.host}, port {options.port}"
    try:
        if not 0 <= options.port <= _HIGHEST_PORT:  # getaddrinfo would take 70000 for 4464
            raise OverflowError
        family, _, _, _, resolved = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        if not safe and not ip_address(resolved[0]).is_loopback:
            raise UsageError(
                f"{options.host} can be reached from other machines, and without TLS every code and token "
                "that is sent to it could be read on the way.",
                hint="Give --tls-cert and --tls-key, or the --trusted-proxy that does TLS in front of the service.",
            )
        return socket.create_server(resolved[:2], family=family, backlog=1024)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no such address or port"
        raise UsageError(
            f"Cannot listen on {address}: {reason}.",
            hint="Give another --host or --port; 0 takes a free port.",
        ) from None


def _url(listening: socket.socket, scheme: str) -> str:
    host, port, *_ = listening.getsockname()
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/api/v0"
