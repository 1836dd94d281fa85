"""``score-claim``: a claim from JSON or CSV against the last run; faults end in one line."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.errors import InputError
from fraud_pipeline.store import runs


@pytest.fixture(scope="module")
def workspace(tiny_two_runs, tmp_path_factory):
    return Path(shutil.copytree(tiny_two_runs, tmp_path_factory.mktemp("two") / "w"))


def claim_of(workspace):
    row = runs.find(workspace).table("clean/claims").to_pylist()[0]
    return {k: str(v) for k, v in row.items() if v is not None and not k.startswith("source")}


def run_command(*arguments):
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_json_and_csv_say_the_same(workspace, tmp_path):
    claim = claim_of(workspace) | {"claim_id": "NEW-1"}
    (tmp_path / "one.json").write_text(json.dumps(claim, ensure_ascii=False), "utf-8")
    text = ",".join(claim) + "\n" + ",".join(f'"{v}"' for v in claim.values()) + "\n"
    (tmp_path / "claims.csv").write_text(text, "utf-8")
    by_json, by_csv = (
        json.loads(
            run_command("score-claim", "--claim", tmp_path / name, "-w", workspace, "--json")
        )
        for name in ("one.json", "claims.csv")
    )
    assert by_json == by_csv
    assert by_json["claim_id"] == "NEW-1" and 0 <= by_json["risk"] <= 1
    assert sum(r["contribution"] for r in by_json["reasons"]) == pytest.approx(by_json["log_odds"])
    words = run_command(
        "score-claim", "--claim", tmp_path / "one.json", "-w", workspace, "--lang", "en"
    )
    assert "Leads for review" in words and "evaluated in full runs only" in words


@pytest.mark.parametrize(
    ("text", "why"),
    [("[1]", "JSON object"), ("{", "not JSON"), ('{"claims": [{"colour": "red"}]}', "no column"),
     ('{"claims": [], "moods": []}', "no table"), ('{"claims": 3}', "list of objects")],
)  # fmt: skip
def test_what_is_no_claim_is_refused_in_one_line(workspace, tmp_path, text, why):
    (tmp_path / "bad.json").write_text(text, "utf-8")
    with pytest.raises(InputError, match=why):
        run_command("score-claim", "--claim", tmp_path / "bad.json", "-w", workspace)


def test_a_claim_that_cannot_be_used_says_which_field(workspace, tmp_path):
    claim = claim_of(workspace) | {"claim_id": "NEW-1", "claimed_amount": "a lot"}
    (tmp_path / "bad.json").write_text(json.dumps(claim), "utf-8")
    with pytest.raises(InputError, match="claimed_amount"):
        run_command("score-claim", "--claim", tmp_path / "bad.json", "-w", workspace)


def test_the_card_of_a_run_is_computed(workspace, tmp_path):
    card = run_command("model", "card", "-w", workspace, "--out", tmp_path / "card.md")
    for part in ("## Data of this run", "## What moves the scores", "## Beside the verdicts",
                 "## By group", "## Stability", "## Limits"):  # fmt: skip
        assert part in card
    assert (tmp_path / "card.md").read_text("utf-8").startswith("# Model card")


def test_plots_are_written(workspace, tmp_path):
    pytest.importorskip("matplotlib", reason="SKIPPED FOR WANT OF matplotlib")
    run_command("model", "plots", "-w", workspace, "--out", tmp_path, "--first", 1)
    assert len(list(tmp_path.glob("waterfall-*.png"))) == 1
    claim = runs.find(workspace).table("ranked_claims")["claim_id"][0].as_py()
    run_command("explain", claim, "-w", workspace, "--plot", tmp_path / "one.png")
    for drawn in tmp_path.glob("*.png"):
        assert drawn.read_bytes().startswith(b"\x89PNG")
