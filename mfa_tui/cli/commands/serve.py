"""`mfa-tui serve`: the embedded service over HTTP."""

import argparse
import logging
import signal
import socket
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from mfa_tui.errors import ExitCode, UsageError
from mfa_tui.server.errors import FolderNotUsableError
from mfa_tui.server.limits import Limits
from mfa_tui.server.service import Service
from mfa_tui.storage.config import environment_id_of
from mfa_tui.storage.paths import AppPaths

if TYPE_CHECKING:
    from mfa_tui.server.http_server import Server

_HIGHEST_PORT = 65_535

_STOPPED_BY = {signal.SIGINT: ExitCode.INTERRUPTED, signal.SIGTERM: ExitCode.TERMINATED}


def run(arguments: argparse.Namespace) -> ExitCode:
    """Serve until a signal says to stop; requests in flight are answered.

    Raises:
        UsageError: The address, the certificate or the environment's UUID cannot be used.
        ServiceError: The service cannot run on its data folder.
    """
    from mfa_tui.server.http_server import ProxyHeaders, Server  # noqa: PLC0415 - uvicorn, which no other verb needs

    logging.basicConfig(level=logging.WARNING, format="mfa-tui serve: %(message)s")
    certificate = _certificate(arguments)
    with _listening(arguments, safe=certificate is not None or arguments.behind_proxy) as listening:
        service = _service(arguments)
        try:
            app = ProxyHeaders(service.app) if arguments.behind_proxy else service.app

            def announce() -> None:
                print(f"listening on {_url(listening, 'https' if certificate else 'http')}", flush=True)  # noqa: T201
                print(f"environment {service.environment_id}", flush=True)  # noqa: T201

            try:
                server = Server(app, certificate, announce)
            except OSError as error:
                raise UsageError(
                    f"The certificate or its key cannot be used: {error.strerror or 'not as expected'}.",
                    hint="Give a PEM file with the certificate chain, and one with its key.",
                ) from None
            return _until_signalled(server, listening)
        finally:
            service.close()


def _service(arguments: argparse.Namespace) -> Service:
    try:
        return Service.open(
            arguments.data_dir or AppPaths.of_current_user().data,
            environment_id=_environment_id(arguments),
            limits=Limits(arguments.limits),
        )
    except FolderNotUsableError as error:
        raise UsageError(error.message, hint=error.hint) from None


def _until_signalled(server: "Server", listening: socket.socket) -> ExitCode:
    # uvicorn takes these signals while it serves, and afterwards raises them again, for whoever had them before.
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in _STOPPED_BY}
    try:
        server.run([listening])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _STOPPED_BY[signal.Signals(received[0])] if received else ExitCode.DONE


def _certificate(arguments: argparse.Namespace) -> tuple[Path, Path] | None:
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        raise UsageError("TLS takes a certificate and its key.", hint="Give both --tls-cert and --tls-key.")
    return None if arguments.tls_cert is None else (arguments.tls_cert, arguments.tls_key)


def _environment_id(arguments: argparse.Namespace) -> str | None:
    if arguments.environment_id is None:
        return None
    environment_id = environment_id_of(arguments.environment_id)
    if environment_id is None:
        raise UsageError("The environment is not a UUID.", hint="Give it as 8-4-4-4-12 hex digits.")
    return environment_id


def _listening(arguments: argparse.Namespace, *, safe: bool) -> socket.socket:
    where = f"{arguments.host}, port {arguments.port}"
    try:
        if not 0 <= arguments.port <= _HIGHEST_PORT:  # getaddrinfo would take 70000 for 4464
            raise OverflowError
        family, _, _, _, address = socket.getaddrinfo(
            arguments.host, arguments.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        if not safe and not ip_address(address[0]).is_loopback:
            raise UsageError(
                f"{arguments.host} can be reached from other machines, and without TLS every code and token "
                "that is sent to it could be read on the way.",
                hint="Give --tls-cert and --tls-key, or --behind-proxy where a proxy in front takes care of TLS.",
            )
        return socket.create_server(address[:2], family=family, backlog=1024)
    except (OSError, OverflowError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "there is no such address or port"
        raise UsageError(
            f"It cannot listen on {where}: {reason}.", hint="Give another --host or --port; 0 takes a free port."
        ) from None


def _url(listening: socket.socket, scheme: str) -> str:
    host, port, *_ = listening.getsockname()
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/api/v0"
