"""The reference pages are those the code makes, and every command, rule, column and address is in them."""

import importlib.util
from pathlib import Path

import pytest

from fraud_pipeline.schema import __file__ as schema_file

ROOT = Path(schema_file).resolve().parents[2]
_SPEC = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
reference = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(reference)


@pytest.mark.parametrize("name", sorted(reference.PAGES))
def test_the_page_is_up_to_date(name):
    page = reference.FOLDER / name
    assert page.read_text("utf-8") == reference.PAGES[name](), "run: python tools/reference.py"


def test_every_option_of_every_command_says_what_it_means():
    unsaid = [
        f"{name} {option.opts[-1]}"
        for name, command in reference.commands()
        for option in command.params
        if not (getattr(option, "help", None) or "").strip()
    ]
    assert unsaid == []


def test_every_rule_has_its_page_and_every_feature_its_meaning():
    pages = {path.stem for path in (ROOT / "docs" / "flags").glob("*.md")}
    assert {rule.code for rule in reference.ALL_RULES} <= pages
    assert [f.name for f in reference.FEATURES if not f.doc.strip()] == []
