"""The documentation site: built strictly, complete, without addresses outside, found in both languages."""

import re
import shutil
import threading
import urllib.request
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

from fraud_pipeline.cli.commands.docs import site_server
from fraud_pipeline.store import places
from tests.browser.test_page import FLAGS
from tests.command_line import run
from tests.conftest import unavailable

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A strict build: a page in no navigation, a link to no page or to no heading raises."""
    folder = tmp_path_factory.mktemp("site")
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder)))
    return folder


def test_every_page_is_in_the_site_and_in_its_navigation(site):
    pages = {
        path.relative_to(ROOT / "docs").as_posix().replace("README.md", "index.md")
        for path in (ROOT / "docs").rglob("*.md")
    }
    first = (site / "index.html").read_text("utf-8")
    for page in pages:
        name = page.removesuffix("md") + "html"
        assert (site / name).is_file(), name
        assert f'href="{name}"' in first or name in ("index.html",), name


def test_no_page_asks_anyone_outside(site):
    asks = re.compile(
        r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//[^"'> ]+"""
    )
    for page in site.rglob("*.html"):
        assert asks.findall(page.read_text("utf-8")) == [], page.name


def test_a_link_to_a_file_of_the_source_becomes_its_text(site):
    for page in site.rglob("*.html"):
        links = re.findall(r'href="(?!https?:|mailto:|#)([^"#]+)', page.read_text("utf-8"))
        lost = [link for link in links if not (page.parent / link).exists() and link != "/"]
        assert page.name == "404.html" or lost == [], page.relative_to(site)


@pytest.mark.browser
def test_a_word_is_found_in_either_language(site):
    chromium = shutil.which("chromium")
    if chromium is None:
        unavailable("CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        tab = browser.new_page()
        tab.set_default_timeout(5000)
        troubles, asked = [], []
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        for query, heading in (("peer group", "peer group"), ("疑点线索", "疑点线索")):
            tab.goto((site / "index.html").as_uri())
            tab.fill("#site-query", query)
            tab.press("#site-query", "Enter")
            tab.wait_for_selector("#site-results a")
            assert heading in tab.locator("#site-results").inner_text().lower()
        tab.locator("#site-results a").first.click()
        assert "search.html" not in tab.url and not troubles
        assert all(url.startswith("file:") for url in asked)
        browser.close()


def test_the_command_serves_the_pages_of_this_machine_only(site):
    with site_server(site, 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://{server.server_address[0]}:{server.server_port}/zh/index.html"
        assert address.startswith("http://127.0.0.1:")
        page = urllib.request.urlopen(address).read().decode()
        server.shutdown()
        thread.join()
    assert "预警指标" in page


def test_without_a_built_site_the_command_says_how_to_build_it(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "package")
    done = run("docs", "--no-open", cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.strip().endswith("run: make docs")


def test_the_command_prints_the_address_and_ends_when_interrupted(site, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(places, "documentation", lambda: site)
    monkeypatch.setattr("http.server.ThreadingHTTPServer.serve_forever", interrupted)
    done = run("--lang", "zh", "docs", "--port", "0", "--no-open", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("文档地址：http://127.0.0.1:")
    assert "/zh/" in done.stdout
