"""What MkDocs is asked to do beyond its own: folders in the navigation, pages of the root, a search index.

The index is one script, so that searching works in pages opened as files, in Chinese as in English.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# Pages of the repository's root that are pages of the site, in its folder `project`.
ROOT_PAGES = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_HEADING = re.compile(r'<h([1-4]) id="([^"]*)">(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
# One entry a section: title of the page, heading, address, text.
_sections: list[tuple[str, str, str, str]] = []


def on_config(config: Any) -> Any:
    """Puts pages in place of what stands for several in the navigation: ``folder/`` and ``*``."""
    _sections.clear()
    named = set(_named(config.nav))
    others = sorted(path.name for path in DOCS.glob("*.md") if path.name not in named)
    config.nav = [_expanded(entry, others) for entry in config.nav]
    return config


def _named(entry: Any) -> Iterator[str]:
    """Every page that stands below an entry of the navigation."""
    if isinstance(entry, str):
        yield entry
    else:
        for below in entry.values() if isinstance(entry, dict) else entry:
            yield from _named(below)


def _expanded(entry: Any, others: list[str]) -> Any:
    if isinstance(entry, str):
        return entry
    ((title, below),) = entry.items()
    if isinstance(below, str):
        return {title: _pages(below) if below.endswith("/") else below}
    pages: list[Any] = []
    for one in below:
        pages += others if one == "*" else [_expanded(one, others)]
    return {title: pages}


def _pages(folder: str) -> list[str]:
    """The pages of a folder of docs/, its README first."""
    names = sorted((DOCS / folder).glob("*.md"), key=lambda p: (p.name != "README.md", p.name))
    return [folder + path.name for path in names]


def on_files(files: Any, config: Any) -> Any:
    """Adds the pages of the root."""
    for name in ROOT_PAGES:
        text = (ROOT / name).read_text("utf-8")
        files.append(File.generated(config, f"project/{name}", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Makes links relative to where a page stands in the site.

    A link to a file that is no page of the site becomes its text: the source is not part of it.
    """
    place = Path(page.file.src_uri)
    source = ROOT / place.name if place.parts[0] == "project" else DOCS / place

    def moved(found: re.Match[str]) -> str:
        text, link, anchor = found[1], found[2], found[3] or ""
        target = Path(os.path.normpath(source.parent / link))
        if target.is_relative_to(DOCS):
            inside = target.relative_to(DOCS)
        elif target.parent == ROOT and target.name in ROOT_PAGES:
            inside = Path("project") / target.name
        else:
            return text
        return f"[{text}]({os.path.relpath(inside, place.parent)}{anchor})"

    return _LINK.sub(moved, markdown)


def on_page_content(html: str, page: Any, **_: Any) -> str:
    """Notes the sections of a page for the search."""
    parts = _HEADING.split(html)
    for anchor, heading, body in zip(parts[2::4], parts[3::4], parts[4::4], strict=True):
        _sections.append((page.title, _text(heading), f"{page.url}#{anchor}", _text(body)))
    return html


def _text(html: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", html)).split())


def on_post_build(config: Any, **_: Any) -> None:
    """Writes the index."""
    index = json.dumps(_sections, ensure_ascii=False)
    target = Path(config.site_dir) / "search_index.js"
    target.write_text(f"window.SEARCH_INDEX = {index};\n", "utf-8")
