"""Outgoing HTTP of the workbench: no redirects, no proxy, and which addresses may be plain HTTP."""

from __future__ import annotations

import ipaddress
import urllib.request
from typing import Any

TIMEOUT_SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the address was agreed on with an administrator."""

    def redirect_request(self, *_: Any) -> None:
        return None


OPENER = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def is_loopback(host: str) -> bool:
    """Whether a host name or IP address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
