"""Every command with ``--json`` on a small run: one object on standard output, nothing else."""

import json
import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli import output
from fraud_pipeline.cli.app import app
from fraud_pipeline.store import runs
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.places import data_samples
from tests.cli.test_app import COMMANDS

TINY = data_samples() / "tiny"
# They start a server of the orchestrator's, or stay until stopped: tests/flows, tests/workbench, tests/docs.
# the last asks questions: tests/programmes/test_programme_new.py
ELSEWHERE = {("demo",), ("schedule",), ("docs",), ("programme", "new")}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, tiny_two_runs):
    """A copy, because commands change it."""
    return Path(shutil.copytree(tiny_two_runs, tmp_path_factory.mktemp("w") / "w"))


def asked(arguments, codes=(0,)):
    """The object a command prints, of standard output alone; ``--quiet`` leaves nothing beside it."""
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in codes, done.output
    assert "--quiet" not in arguments or done.stderr == ""
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def answers(workspace, tmp_path_factory):
    """words of a command -> what it prints with ``--json``, for all commands but ELSEWHERE."""
    out, w = tmp_path_factory.mktemp("out"), ("-w", workspace)
    run = runs.find(workspace)
    claim = run.table("ranked_claims")["claim_id"][0].as_py()
    row = {k: str(v) for k, v in run.table("clean/claims").to_pylist()[0].items() if v is not None}
    row = {k: v for k, v in row.items() if not k.startswith("source")} | {"claim_id": "NEW-1"}
    (out / "claim.json").write_text(json.dumps(row), "utf-8")
    verdict = {"outcome_id": "O-1", "claim_id": claim, "decided_on": "2016-04-01", "verdict": "clean",
               "selected_by": "random"}  # fmt: skip
    lines = [",".join(verdict), ",".join(verdict.values())]
    (out / "outcomes.csv").write_text("\n".join(lines) + "\n", "utf-8")
    shutil.copytree(TINY, out / "data")
    shutil.copy(out / "outcomes.csv", out / "data" / "outcomes.csv")
    name = shipped_model().name
    (out / "person.txt").write_text("nobody's name\n", "utf-8")
    asked_for = [
        ("status", *w), ("monitor", *w, "--out", out / "page.html"), ("explain", claim, *w),
        ("price", claim, *w), ("price", "patterns", *w),
        ("price", "what-if", "--service", "testing", *w),
        ("price", "lint-catalogue", TINY / "market_prices.csv"),
        ("model", "list", *w), ("model", "card", *w),
        ("model", "plots", "--out", out / "plots", "--first", 1, *w),
        ("model", "use", name, "--why", "a test", *w), ("model", "rollback", *w),
        ("programme", "list"), ("programme", "show", "shanxi", "--on", "2018-05-01"),
        ("programme", "lint"), ("check", "--data", TINY), ("parties", "--data", TINY),
        ("usage", "--data", TINY), ("insiders", "LATEST", "--out", out / "pairs.csv", *w),
        ("score", "--data", TINY, "--as-of", "2016-03-14", *w, "--quiet"),  # nothing is new
        ("score-claim", "--claim", out / "claim.json", *w), ("train", *w),
        ("plan-audit", "--budget", 3, *w), ("audit", "size", "--tolerable", "0.05"),
        ("audit", "commit", "--out", out / "plan", "--budget", 3, *w),
        ("audit", "draw", out / "plan", "--seed", 7, *w), ("audit", "verify", out / "plan"),
        ("audit", "close", out / "plan", "--out", out / "closed", "--outcomes",
         out / "outcomes.csv", *w),
        ("verify", "--all", "--claim", claim, *w), ("export", "--out", out / "tables", *w),
        ("serve", "--export-outcomes", out / "verdicts.csv", *w),
        ("receipt", "--new-key", out / "receipt.pem"),
        ("prune", "--keep", 1, "--dry-run", *w),
        ("erase", "--values", out / "person.txt", "--by", "Li", "--ground", "request", *w),
        ("simulate", "--claims", 20, "--out", out / "world"),
        ("backtest", "--data", out / "data", "--months", 1),
        ("benchmark", "--claims", 100, "--development", "--worlds", 1, "--camouflage", 0,
         "--only", "largest amounts"),
    ]  # fmt: skip
    found = {}
    for line in asked_for:
        words = line[:2] if line[:2] in COMMANDS else line[:1]
        words = ("price", "claim") if words == ("price",) else words
        found[words] = asked(
            [*line, "--json"], (0, 1) if line[0] in ("status", "monitor") else (0,)
        )
    rings = run.table("rings")["ring_id"].to_pylist()
    if rings:
        found["ring",] = asked(["ring", rings[0], *w, "--json"])
    return found


def test_every_command_prints_one_object(answers):
    missing = set(COMMANDS) - set(answers) - ELSEWHERE - {("ring",), ("new-flag",)}
    assert missing == set()


def test_keys_are_english_and_stable(answers):
    def keys(value):
        if isinstance(value, dict):
            yield from value
            for one in value.values():
                yield from keys(one)
        if isinstance(value, list):
            for one in value:
                yield from keys(one)

    for words, found in answers.items():
        assert not [k for k in keys(found) if re.search(r"[\u4e00-\u9fff]", k)], words
    assert {"run_id", "ranked", "claimed", "listed", "at_risk", "report"} <= set(answers["score",])
    assert {"run_id", "data_as_of", "problems"} <= set(answers["status",])
    assert {"claim_id", "risk", "log_odds", "reasons", "what_if"} <= set(answers["explain",])
    assert {"price", "claim", "comparables"} <= set(answers["price", "claim"])


def test_money_has_two_decimals_and_days_are_iso(answers):
    for found, key in ((answers["score",], "claimed"), (answers["explain",], "claimed_amount"),
                       (answers["score-claim",], "expected_loss")):  # fmt: skip
        assert re.fullmatch(r"\d+\.\d\d", found[key])
    assert answers["status",]["data_as_of"] == "2016-03-14"
    assert output.plain({"a": Decimal("1.5"), "b": date(2018, 5, 1), "c": float("nan")}) == {
        "a": "1.50", "b": "2018-05-01", "c": None,
    }  # fmt: skip


def test_progress_goes_to_standard_error_a_line_a_step(tmp_path):
    """Without ``--quiet``; ``answers`` holds a command that prints nothing with it."""
    arguments = ["score", "--data", str(TINY), "--as-of", "2016-03-14", "-w", str(tmp_path / "a")]
    done = CliRunner().invoke(app, [*arguments, "--lang", "en", "--json"])
    assert json.loads(done.stdout)["run_id"]
    lines = done.stderr.splitlines()
    n = len(lines)
    assert n > 8 and all(re.fullmatch(rf"\[\d+/{n}\] [\w ]+ \d+\.\d s", line) for line in lines), (
        lines
    )
    assert lines[0].startswith(f"[1/{n}] ingest ")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_is_in_one_language(workspace, language):
    def text(*arguments):
        done = CliRunner().invoke(app, [*map(str, arguments), "--lang", language])
        assert done.exit_code in (0, 1), done.output
        return done.stdout

    claim = runs.find(workspace).table("ranked_claims")["claim_id"][0].as_py()
    w = ("-w", workspace)
    for arguments in (("status", *w), ("verify", "--all", "--claim", claim, *w), ("train", *w),
                      ("check", "--data", TINY), ("parties", "--data", TINY),
                      ("prune", "--keep", 1, "--dry-run", *w),
                      ("audit", "size", "--tolerable", "0.05")):  # fmt: skip
        shown = text(*arguments)
        has_chinese = bool(re.search(r"[\u4e00-\u9fff]", shown))
        assert has_chinese == (language == "zh"), (arguments, shown)
