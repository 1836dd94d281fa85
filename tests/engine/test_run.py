"""Whole runs on the samples: promises of the data contract, repetition, as-of, commands."""

import json
import shutil
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pytest
from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.engine import audit_plan, run_queries, training, verification
from fraud_pipeline.engine.runner import Request, score
from fraud_pipeline.errors import IntegrityError, UnknownRecordError
from fraud_pipeline.schema import INPUT_TABLES, OUTPUT_TABLES
from fraud_pipeline.settings import RiskSettings, Settings
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.integrity import check_run
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.staged_inputs import StagedInputs
from fraud_pipeline.store.staging import Staged
from fraud_pipeline.store.workspace import locked
from tests import shared_runs

WUHAN, TINY = data_samples() / "wuhan", data_samples() / "tiny"


def scored(data, workspace, **more):
    with locked(workspace) as place:
        return score(Request(data=str(data), workspace=workspace, **more), place)


@pytest.fixture(scope="module")
def run(wuhan_run, tmp_path_factory):
    """A run whose workspace may be written to."""
    return runs.find(shutil.copytree(wuhan_run, tmp_path_factory.mktemp("wuhan") / "w"))


def test_a_run_holds_every_table_and_keeps_every_promise(run):
    check_run(StagedInputs([Staged(run.folder, {})]))
    run.verify_files()
    manifest = run.manifest
    assert set(manifest["steps"]) >= {"ingest", "rules", "rings", "score", "report"}
    assert all({"seconds", "peak_mb", "rows"} <= set(cost) for cost in manifest["steps"].values())
    assert manifest["tables"]["claims"] == {
        "rows_in": 1071,
        "rows_clean": 1071,
        "rows_quarantined": 0,
    }
    assert (run.folder / "report.html").is_file()
    assert not list(run.folder.rglob("known"))


@pytest.mark.parametrize("sample", ["tiny_run", pytest.param("wuhan_run", marks=pytest.mark.long)])
def test_scoring_again_gives_the_same_bytes(sample, request, tmp_path):
    run = runs.find(request.getfixturevalue(sample))
    data = {"tiny_run": TINY, "wuhan_run": WUHAN}[sample]
    again = scored(data, tmp_path)
    assert again.run_id == run.run_id
    assert again.manifest["outputs"] == run.manifest["outputs"]
    assert scored(data, tmp_path).manifest["published"] == again.manifest["published"]


@pytest.mark.long
def test_rows_in_another_order_give_the_same_answers(run, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for path in WUHAN.glob("*.csv"):
        head, *rows = path.read_text("utf-8").splitlines()
        (data / path.name).write_text("\n".join([head, *reversed(rows)]) + "\n", "utf-8")
    other = scored(data, tmp_path / "w")
    for name in set(OUTPUT_TABLES) - {"rule_results", "ring_evidence", "explanations"}:
        assert other.table(name).equals(run.table(name)), name


def test_deleting_the_future_changes_nothing(tiny_first_run, tmp_path):
    """A run as of a day = a run on data from which all later rows are gone."""
    compare_with_deleted_future(
        TINY, runs.find(tiny_first_run), shared_runs.FIRST_DAY, 20, tmp_path
    )


@pytest.mark.long
def test_deleting_the_future_of_many_claims_changes_nothing(tmp_path):
    day = date(2016, 9, 30)
    whole = scored(WUHAN, tmp_path / "whole", as_of=day)
    compare_with_deleted_future(WUHAN, whole, day, 400, tmp_path)


def compare_with_deleted_future(sample, whole, day, least, tmp_path):
    """Every output of ``whole`` beside that of a run whose data end on the day."""
    data = tmp_path / "data"
    data.mkdir()
    for name, schema in INPUT_TABLES.items():
        table = pacsv.read_csv(sample / f"{name}.csv", convert_options=pacsv.ConvertOptions(
            column_types={c: pa.date32() if c == schema.known_on else pa.string() for c in schema.names
                          if not c.startswith("source_")}))  # fmt: skip
        if schema.known_on and name != "deliverables":
            table = table.filter(
                pc.fill_null(pc.less_equal(table[schema.known_on], pa.scalar(day)), True)
            )
        pacsv.write_csv(table, data / f"{name}.csv")
    cut = scored(data, tmp_path / "cut", as_of=day)
    assert whole.table("ranked_claims").num_rows > least
    for name in set(OUTPUT_TABLES) - {"quarantine", "repairs"}:
        ours, theirs = whole.table(name), cut.table(name)
        assert without_places(ours).equals(without_places(theirs)), name


def without_places(table):
    """Evidence names file and row; rows move up when earlier ones are deleted."""
    keep = [
        n for n in table.column_names if n not in ("source", "sentence_zh", "sentence_en", "detail")
    ]
    return table.select(keep)


def test_the_list_holds_twice_the_loss_of_the_largest_amounts(run):
    truth = files.read_table(WUHAN / "truth.parquet")
    ranked, plan = run.table("ranked_claims"), run.table("audit_plan")

    def loss(ids):
        return pc.sum(
            truth.filter(pc.is_in(truth["claim_id"], ids.combine_chunks()))["true_loss"]
        ).as_py()

    dearest = ranked.sort_by([("claimed_amount", "descending"), ("claim_id", "ascending")])
    assert plan.num_rows == round(0.1 * ranked.num_rows)
    assert loss(plan["claim_id"]) >= 2 * loss(dearest["claim_id"].slice(0, plan.num_rows))


def test_every_planted_ring_of_five_or_more_is_among_the_first_twenty(run):
    truth = files.read_table(WUHAN / "truth.parquet").to_pandas()
    claims = run.table("clean/claims").to_pandas()
    order = [("score", "descending"), ("ring_id", "ascending")]
    shown = run.table("rings").sort_by(order)["ring_id"].to_pylist()[:20]
    members = run.table("ring_members").to_pandas().groupby("ring_id")["party_id"].agg(set)
    planted = claims.merge(truth[truth["ring_id"].notna()], on="claim_id").groupby("ring_id")
    for ring, part in planted:
        parties = set(part["enterprise_id"]) | set(part["institution_id"])
        assert len(parties) >= 5
        best = max(len(parties & members[s]) / len(parties | members[s]) for s in shown)
        assert best >= 0.5, (ring, best)


def test_decided_claims_are_not_ranked(run):
    decided = set(run.table("clean/outcomes")["claim_id"].to_pylist())
    ranked = set(run.table("ranked_claims")["claim_id"].to_pylist())
    assert decided and not ranked & decided and len(ranked | decided) == 1071


def test_labels_can_be_held_back(tmp_path):
    data = shutil.copytree(TINY, tmp_path / "data")
    claims = pacsv.read_csv(TINY / "claims.csv")["claim_id"]
    lines = ["outcome_id,claim_id,decided_on,verdict", f"O1,{claims[0]},2016-03-01,clean"]
    (data / "outcomes.csv").write_text("\n".join(lines) + "\n", "utf-8")
    held_back = scored(data, tmp_path / "w", outcomes_until=date(2016, 2, 1))
    assert held_back.manifest["tables"]["outcomes"]["rows_clean"] == 1
    assert held_back.table("ranked_claims").num_rows == len(claims)


def test_replay_recomputes_the_run_and_finds_a_changed_byte(tiny_run, tmp_path):
    shutil.copytree(tiny_run, tmp_path, dirs_exist_ok=True)
    run = runs.find(tmp_path)
    assert "byte for byte" in run_command("verify", "-w", tmp_path, "--replay")
    path = run.folder / "ranked_claims.parquet"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="ranked_claims"):
        verification.verify_run(tmp_path, None, replay=False)


@pytest.mark.long
def test_rings_keep_their_ids_from_run_to_run(tmp_path):
    first = scored(WUHAN, tmp_path, as_of=date(2017, 5, 31))
    second = scored(WUHAN, tmp_path, as_of=date(2017, 6, 30))
    assert second.manifest["predecessor"] == first.run_id
    kept = set(first.table("rings")["ring_id"].to_pylist()) & set(
        second.table("rings")["ring_id"].to_pylist()
    )
    strong = first.table("rings").filter(pc.less_equal(first.table("rings")["q_value"], 0.05))
    assert set(strong["ring_id"].to_pylist()) <= kept


def test_explain_any_claim_in_words_that_add_up(run):
    ranked = run.table("ranked_claims")
    for place in (1, ranked.num_rows):
        claim = ranked.filter(pc.equal(ranked["rank"], place))["claim_id"][0].as_py()
        for language, word in (("zh", "合计"), ("en", "sum")):
            text = run_queries.explain_claim(run.folder.parent.parent, None, claim, language).text
            (line,) = (line for line in text.splitlines() if line.startswith(word))
            total, log_odds = line.replace(word, "").split("=")
            assert float(total) == pytest.approx(
                float(log_odds.split()[-1].lstrip("评分（对数几率）")), abs=1e-4
            )
    with pytest.raises(UnknownRecordError, match="no ranked claim 'nobody'"):
        run_queries.explain_claim(run.folder.parent.parent, None, "nobody", "zh")


def test_another_audit_plan_leaves_the_run_alone(run):
    workspace = run.folder.parent.parent
    with locked(workspace) as place:
        text = audit_plan.plan_audit(place, None, Settings(), 150, 9, 0.15).text
    folder = next((workspace / "plans").iterdir())
    plan = files.read_table(folder / "audit_plan.parquet")
    assert plan.num_rows == 150 and str(folder) in text
    claims = run.table("ranked_claims")
    share = (
        pc.count_distinct(plan["enterprise_id"]).as_py()
        / pc.count_distinct(claims["enterprise_id"]).as_py()
    )
    assert share >= 0.15
    run.verify_files()


def test_training_says_why_not_when_labels_are_few(run):
    with locked(run.folder.parent.parent) as place:
        demanding = Settings(risk=RiskSettings(min_labels=10_000))
        assert "10000" in training.train(place, None, demanding).text
        assert not place.models.exists()


def run_command(*arguments):
    """What the command line prints, in this process, which has imported the packages already."""
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, (arguments, done.output, done.exception)
    return done.output


def test_the_commands_of_the_contract(tiny_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(tiny_run, tmp_path / "w")  # made by the command in a process of its own
    assert "report.html" in shared_runs.output_of(tiny_run).read_text("utf-8")
    for arguments, expected in [
        (("check", "--data", TINY), "claims"),
        (("verify", "-w", "w"), "published"),
        (("plan-audit", "--budget", 10, "--seed", 3, "-w", "w"), "plans"),
        (("export", "--out", "x", "-w", "w"), "tables.xlsx"),
        (("train", "-w", "w"), "not trained"),
        (
            ("simulate", "--programme", "wuhan", "--claims", 30, "--seed", 2, "--out", "world"),
            "30 claims",
        ),
    ]:
        assert expected in run_command(*arguments), arguments
    run_id = (tmp_path / "w" / "runs" / "LATEST").read_text().strip()
    rings = files.read_table(tmp_path / "w" / "runs" / run_id / "rings.parquet")
    run_command(
        "ring", rings["ring_id"][0].as_py(), "-w", "w", "--lang", "en", "--graphml", "r.graphml"
    )
    assert "<graphml" in (tmp_path / "r.graphml").read_text()
    assert (
        json.loads((tmp_path / "w" / "runs" / run_id / "manifest.json").read_text())["run_id"]
        == run_id
    )


@pytest.mark.long
def test_a_run_without_a_date_knows_what_was_decided_after_the_last_claim(run, tmp_path):
    ranked = run.table("ranked_claims")["claim_id"]
    first, second = ranked[0].as_py(), ranked[1].as_py()
    later = date(2017, 9, 1)
    assert later > run_queries.as_of(run)
    decided = {"outcome_id": ["W1", "W2"], "claim_id": [first, second], "decided_on": [later, later],
            "verdict": ["clean", "undetermined"]}  # fmt: skip
    files.write_table(tmp_path / "decisions" / "核查结果.parquet", pa.table(decided))
    undated = scored(WUHAN, tmp_path)
    assert undated.manifest["as_of"] == "2017-09-01"
    assert first not in undated.table("ranked_claims")["claim_id"].to_pylist()  # it is decided
    dated = scored(WUHAN, tmp_path, as_of=run_queries.as_of(run))
    assert first in dated.table("ranked_claims")["claim_id"].to_pylist()
