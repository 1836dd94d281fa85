"""Writes the bill of materials of the product as CycloneDX 1.6 JSON, from the lock alone.

    python tools/sbom.py [--lock requirements.lock] [--out sbom.json]

Every pinned package is a component with its version, package URL, the hashes that are allowed to be
installed, and the marker under which it is. Nothing is asked of a network, and equal locks give equal bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # the tree it stands in, installed or not

from fraud_pipeline import __version__  # noqa: E402

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)\s*(;\s*(?P<marker>[^\\]+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> Iterator[dict[str, Any]]:
    """The packages of a lock file in its order. Raises ValueError for a line that is no pin."""
    for entry in _entries(lock):
        pin = _PIN.match(entry)
        if pin is None:
            raise ValueError(f"not a pin with a version: {entry[:80]!r}")
        name = re.sub(r"[-_.]+", "-", pin["name"]).lower()
        purl = f"pkg:pypi/{name}@{pin['version']}"
        component: dict[str, Any] = {
            "type": "library", "bom-ref": purl, "name": name, "version": pin["version"], "purl": purl,
        }  # fmt: skip
        properties = [{"name": "sha256", "value": digest} for digest in _HASH.findall(entry)]
        if pin["marker"]:
            properties.append({"name": "marker", "value": pin["marker"].strip()})
        yield {**component, "properties": properties}


def _entries(lock: str) -> Iterator[str]:
    """Each pin with its continued lines in one; comments and blank lines are left out."""
    for entry in lock.replace("\\\n", " ").splitlines():
        if entry.strip() and not entry.lstrip().startswith(("#", "--")):
            yield entry.strip()


def bill(lock: str, project: dict[str, Any]) -> dict[str, Any]:
    """The bill of materials; its serial number follows from the content of the lock."""
    digest = hashlib.sha256(lock.encode()).hexdigest()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.UUID(digest[:32], version=4)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": project["name"], "name": project["name"],
                "version": __version__, "licenses": [{"license": {"id": project["license"]}}],
            },
            "properties": [{"name": "lock-sha256", "value": digest}],
        },
        "components": list(components(lock)),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lock", type=Path, default=ROOT / "requirements.lock")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = json.dumps(bill(given.lock.read_text("utf-8"), project), indent=1) + "\n"
    if given.out is None:
        sys.stdout.write(text)
    else:
        given.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
