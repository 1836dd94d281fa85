"""Every link between pages of the documentation leads to a file, and the first page knows every page."""

import re
from pathlib import Path

import pytest

from fraud_pipeline.schema import __file__ as schema_file

ROOT = Path(schema_file).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    links = _LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_first_page_links_every_page_beside_it():
    first = (DOCS / "README.md").read_text("utf-8")
    linked = {(DOCS / link).resolve() for link in _LINK.findall(first)}
    beside = {page.resolve() for page in DOCS.glob("*.md")} - {(DOCS / "README.md").resolve()}
    assert beside - linked == set()
