import signal
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from mfa_tui.cli.commands import serve
from mfa_tui.cli.options import ServeOptions
from mfa_tui.errors import UsageError
from mfa_tui.server.service import Service
from tests.faults.service_processes import Server as Process

REQUEST = (
    "POST /api/v0/sdk/{environment}/emailVerifications/create HTTP/1.1\r\n"
    "host: localhost\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
)
BODY = b'{"email": "ada@example.org"}'


def _options(folder: Path, **changes: Any) -> ServeOptions:  # noqa: ANN401 - any of the options
    return ServeOptions(data_dir=folder, limits="relaxed", **changes)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_serving_a_public_address_requires_tls_or_a_proxy(folder: Path, host: str) -> None:
    with pytest.raises(UsageError, match="could be read on the way"):
        serve.run(_options(folder, host=host))
    assert not folder.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tls_cert": Path("cert.pem")}, "a certificate and its key"),
        ({"tls_key": Path("key.pem")}, "a certificate and its key"),
        ({"tls_cert": Path("none.pem"), "tls_key": Path("none.pem")}, "cannot be used"),
        ({"tls_cert": Path(__file__), "tls_key": Path(__file__)}, "cannot be used"),
        ({"environment_id": "X"}, "not a UUID"),
        ({"environment_id": "0000000G-0000-4000-8000-000000000000"}, "not a UUID"),
        ({"origin": ["https://127.0.0.1"]}, "only on https and at a host name"),
        ({"origin": ["http://app.example.org"]}, "only on https and at a host name"),
        ({"origin": ["https://app.example.org/page"]}, "only on https and at a host name"),
        ({"seed_user": ["ada"]}, "not an e-mail address"),
        ({"host": "no such host"}, "[Cc]annot listen"),
        ({"trusted_proxy": ["proxy.example.org"]}, "not an IP address"),
        ({"trusted_proxy": ["192.0.2.1/24"]}, "not an IP address"),
        ({"port": 70_000}, "[Cc]annot listen"),
        ({"port": -1}, "[Cc]annot listen"),
    ],
)
def test_unusable_options_are_a_usage_error(folder: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        serve.run(_options(folder, **options))


def test_an_unusable_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"cannot be used.*Nothing was done.*choose another data folder"):
        serve.run(_options(tmp_path / "file" / "folder"))


def test_a_used_port_is_a_usage_error(folder: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UsageError, match="Cannot listen on"),
    ):
        serve.run(_options(folder, port=taken.getsockname()[1]))


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_serve_prints_its_address_and_stops_on_a_signal(folder: Path, number: signal.Signals, status: int) -> None:
    process = Process(folder)
    try:
        base, environment_id = process.url.split("/sdk/")
        assert base.startswith("http://127.0.0.1:")
        assert base.endswith("/api/v0")
        assert httpx.get(f"{process.url}/settings").status_code == 200
        assert httpx.get(f"{base.removesuffix('/api/v0')}/healthz").json() == {"status": "ok"}
    finally:
        assert process.stop(number) == status
    Service.open(folder, environment_id=environment_id).close()


def test_shutdown_completes_a_request_in_progress(folder: Path) -> None:
    process = Process(folder)
    host, port = process.url.split("/")[2].split(":")
    request = REQUEST.format(environment=process.url.rpartition("/")[2], length=len(BODY)).encode()
    try:
        with (
            socket.create_connection((host, int(port)), timeout=10) as busy,
            socket.create_connection((host, int(port)), timeout=10) as idle,
        ):
            busy.sendall(request + BODY[:5])
            idle.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert idle.recv(1000).startswith(b"HTTP/1.1 200 ")
            process.process.send_signal(signal.SIGTERM)
            while idle.recv(1000):
                pass  # the server closes idle connections when it receives the signal
            busy.sendall(BODY[5:])
            assert busy.recv(1000).startswith(b"HTTP/1.1 201 ")
        assert process.process.wait(10) == 143
    finally:
        process.stop()
