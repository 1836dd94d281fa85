"""One outgoing message over HTTP: a total time limit, and only to addresses that may be reached.

The name of the receiver is resolved once and the connection goes to the address that was checked.
Private, link-local and loopback addresses are refused unless the administrator listed them. No
redirect is followed, no proxy is used, and the body of the response is not read.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from fraud_pipeline.errors import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
TOTAL_SECONDS = 10.0


class AddressRefusedError(OSError):
    """The name of the receiver stands for an address that may not be reached."""


def parse_networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Networks like ``10.1.2.0/24`` or single addresses. Raises SettingsError."""
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingsError(f"not a network: {error}") from None


def may_reach(address: str, listed: Sequence[Network]) -> bool:
    """Whether an address is public or listed."""
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    meant = getattr(ip, "ipv4_mapped", None) or ip
    is_listed = any(one in network for network in listed for one in (ip, meant))
    return (meant.is_global and not meant.is_multicast) or is_listed


def post(
    url: str, body: bytes, headers: Mapping[str, str], listed: Sequence[Network] = (),
    seconds: float = TOTAL_SECONDS,
) -> int:  # fmt: skip
    """Sends one POST; returns the status. Raises OSError or HTTPException when it does not arrive.

    ``seconds`` is the limit for everything together: name, connection, and response.
    """
    parts = urlsplit(url)
    address = _resolve(parts, listed)
    raw = socket.create_connection(address, timeout=seconds)
    expired = threading.Event()

    def end() -> None:
        expired.set()
        with contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        status = _exchange(parts, raw, body, headers)
        if expired.is_set():  # a connection that was ended reads as the end of the headers
            raise TimeoutError(f"no response within {seconds:g} seconds")
        return status
    except (OSError, http.client.HTTPException) as error:
        if expired.is_set():
            raise TimeoutError(f"no response within {seconds:g} seconds") from error
        raise
    finally:
        timer.cancel()
        raw.close()


def _resolve(parts: SplitResult, listed: Sequence[Network]) -> tuple[str, int]:
    """The first address of the receiver. Raises AddressRefusedError when any of them is refused."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in rows]
    refused = [one for one in addresses if not may_reach(one, listed)]
    if refused:
        raise AddressRefusedError(f"{host} stands for {refused[0]}, which is not listed")
    return addresses[0], port


def _exchange(
    parts: SplitResult, raw: socket.socket, body: bytes, headers: Mapping[str, str]
) -> int:
    host = parts.hostname or ""
    connection = http.client.HTTPConnection(host, parts.port)
    if parts.scheme == "https":
        connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    else:
        connection.sock = raw
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, body, {"Host": parts.netloc, **headers, "Connection": "close"})
    return connection.getresponse().status
