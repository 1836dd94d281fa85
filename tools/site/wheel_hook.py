"""Builds the documentation site into the wheel; an editable installation reads site/ of the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SiteHook(BuildHookInterface):
    """Hatchling's `custom` hook of the target `wheel`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds site/ as ``fraud_pipeline/_shipped/site``."""
        if version == "editable":
            return
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
        subprocess.run(command, cwd=self.root, check=True)  # noqa: S603 - no shell, fixed words
        build_data["force_include"][str(Path(self.root) / "site")] = "fraud_pipeline/_shipped/site"
