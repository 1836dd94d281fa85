"""Takes the README's pictures from the demo's page: ``python docs/make_pictures.py demo``."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from fraud_pipeline.store import runs

HERE = Path(__file__).parent / "pictures"


def main(workspace: Path) -> None:
    page_file = (runs.find(workspace).folder / "report.html").resolve()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1120, "height": 760})
        page.goto(page_file.as_uri())
        page.locator("#language").click()
        page.screenshot(path=HERE / "list.png")
        claim = page.locator("details.claim-row").first
        claim.locator("summary").first.click()
        claim.screenshot(path=HERE / "claim.png")
        page.locator("article.ring-card").first.screenshot(path=HERE / "ring.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
