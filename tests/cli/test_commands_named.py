"""Every command that a page, a message or a document names exists."""

import re
from pathlib import Path

from tests.cli.test_app import COMMANDS

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"(?<![\w.-])fraud-pipeline ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?(?![\w-])")
# Not commands: prose that goes on after the program's name.
PROSE = {"is", "and", "the", "of", "as", "with", "workbench"}


def named_commands():
    texts = [*ROOT.glob("fraud_pipeline/**/*.html"), *ROOT.glob("fraud_pipeline/**/*.py"),
             *ROOT.glob("fraud_pipeline/**/*.toml"), *ROOT.glob("docs/**/*.md"),
             ROOT / "README.md", ROOT / "SECURITY.md"]  # fmt: skip
    for path in texts:
        for first, second in NAMED.findall(path.read_text("utf-8")):
            if first not in PROSE:
                yield path.relative_to(ROOT), first, second


def test_the_commands_that_are_named_exist():
    paths = set(COMMANDS)
    groups = {path[0] for path in paths if len(path) > 1}
    named = list(named_commands())
    unknown = [
        f"{path}: fraud-pipeline {first} {second}" for path, first, second in named
        if (first,) not in paths | {(g,) for g in groups}
        or (first in groups and second and (first, second) not in paths)
    ]  # fmt: skip
    assert len(named) > 100
    assert not unknown
