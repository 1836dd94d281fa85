"""Without Spark: what a part answers is what the whole answers, and parts come together again."""

import sys
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.spark import compare, world
from fraud_pipeline import pricing, programmes
from fraud_pipeline.engine import scope
from fraud_pipeline.engine.scope import ArrowSelection
from fraud_pipeline.engine.spark import claims as of_claims
from fraud_pipeline.engine.spark import prices, rules
from fraud_pipeline.engine.spark.frames import OWN, unpacked
from fraud_pipeline.engine.spark.lake import ALL, PLACE, Lake, place, place_by_claim
from fraud_pipeline.engine.spark.session import open_session
from fraud_pipeline.errors import SettingsError
from fraud_pipeline.features.build import medians
from fraud_pipeline.pricing.judge import with_claim_day, with_run_day
from fraud_pipeline.programmes.rule import Rule
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.asof import known_by
from fraud_pipeline.schema.scope import Level, Scope
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import files
from fraud_pipeline.store.packs import load_packs

PARTS = 3
AS_OF = date(2018, 12, 31)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Two programmes that share parties, as they stood on a day."""
    folder = world(tmp_path_factory.mktemp("world") / "both", 360)
    partition = {path.stem: files.read_table(path) for path in folder.glob("*.parquet")}
    return known_by(Tables(partition), AS_OF)


def part(keys: pa.ChunkedArray, number: int) -> pa.Array:
    """A stand-in for Spark's hash: which keys belong to a part."""
    return pa.array([sum(str(k).encode()) % PARTS == number for k in keys.to_pylist()])


BY = {Level.ENTERPRISE: "enterprise_id", Level.INSTITUTION: "institution_id"}


def partition(
    tables: Tables, level: Level, scopes: list[Scope], number: int
) -> dict[str, pa.Table]:
    """What is sent to one partition: :func:`rows_within`, as with Spark's joins."""
    claims = tables["claims"]
    own = claims.filter(part(claims[BY[level]], number))
    sent = scope.rows_within(level, ArrowSelection(tables, own), scope.tables_read(scopes))
    mine = pc.is_in(sent["claims"]["claim_id"], value_set=own["claim_id"].combine_chunks())
    sent["claims"] = sent["claims"].append_column(OWN, mine)
    return {
        name: table.select([c for c in table.column_names
                            if c == OWN or c in scope.columns_read(scopes, name)])
        for name, table in sent.items()
    }  # fmt: skip


def judged_in_parts(tables, level, asked):
    packs, settings = load_packs(None), Settings().programmes
    scopes, codes = [rule.scope for rule in asked], [rule.code for rule in asked]
    parts = [
        rules._judge_partition(
            partition(tables, level, scopes, n), codes, packs, AS_OF, settings, frozenset(tables)
        )
        for n in range(PARTS)
    ]
    joined = pa.concat_tables(parts).drop_columns(list(PLACE))
    joined = joined.sort_by([("rule_code", "ascending"), ("claim_id", "ascending")])
    return joined, programmes.evaluate(tables, packs, AS_OF, settings, asked)[0]


@pytest.mark.parametrize("level", BY)
def test_a_rule_answers_in_parts_what_it_answers_of_all(tables, level):
    plan = scope.plan(ALL_RULES)
    asked = plan.by_enterprise if level is Level.ENTERPRISE else plan.by_institution
    joined, whole = judged_in_parts(tables, level, asked)
    assert joined.num_rows == whole.num_rows > 0
    assert compare(whole, joined)[0] == []
    hits = whole.filter(pc.equal(whole["outcome"], "hit")).num_rows
    assert hits > (20 if level is Level.ENTERPRISE else 0)


def test_the_comparison_would_notice(tables):
    """A rule that looks at everything gives other answers in parts: the test above can fail."""
    asked = [rule for rule in ALL_RULES if rule.code == "T13"]
    joined, whole = judged_in_parts(tables, Level.ENTERPRISE, asked)
    assert compare(whole, joined)[0] != []


def test_every_rule_has_one_place_and_one_that_declares_nothing_sees_everything():
    new = Rule("X99", "weak", "", "", "", "", evaluate=lambda context: context.law)
    plan = scope.plan([*ALL_RULES, new])
    placed = [*plan.by_enterprise, *plan.by_institution, *(r for g in plan.together for r in g)]
    assert sorted(r.code for r in placed) == sorted([*(r.code for r in ALL_RULES), "X99"])
    assert (new,) in plan.together and new.scope.tables == tuple(INPUT_TABLES)
    shared = [[r.code for r in group] for group in plan.together if len(group) > 1]
    assert shared == [
        ["L26", "L27", "T18", "T31"],
        ["T09", "T34"],
        ["T13", "T17"],
    ]  # what one makes of the same tables serves the others


def test_tallies_are_those_of_the_whole(tables):
    packs, settings = load_packs(None), Settings().programmes
    results, expected_rules = programmes.evaluate(tables, packs, AS_OF, settings)
    counted = results.group_by(["rule_code", "outcome"]).aggregate([([], "count_all")]).to_pylist()
    n = {(row["rule_code"], row["outcome"]): row["count_all"] for row in counted}
    assert programmes.tally(n, settings).equals(expected_rules)


def test_services_judged_apart_then_together_on_the_day_of_the_run(tables):
    settings = Settings().pricing
    claims = tables["claims"]
    ids = claims["claim_id"].to_pylist()
    ring_claims = pa.table({"ring_id": ["R-1", "R-1", "R-2", "R-2"],
                            "claim_id": [ids[0], ids[7], ids[7], ids[20]]})  # fmt: skip
    whole = pricing.judge(tables, settings, ring_claims=ring_claims)
    sides = prices.ring_sides(ring_claims, claims)
    parts = []
    for service in sorted(set(claims["service_type"].to_pylist())):
        mine = claims.filter(pc.equal(claims["service_type"], service))
        partition = {name: tables[name] for name in
                     ("institutions", "outcomes", "market_prices", "contracts", "invoices")}  # fmt: skip
        marked = mine.append_column(OWN, pa.array([True] * mine.num_rows))
        partition["claims"] = marked
        parts.append(prices._judge_partition(partition, settings, frozenset(tables), sides))
    joined = pa.concat_tables(parts)
    own_day = with_claim_day(joined.sort_by("claim_id"))
    again = with_run_day(own_day, tables, settings, ring_claims).select(whole.column_names)
    assert compare(whole, again)[0] == []


def test_rings_that_share_a_priced_claim_are_one_side(tables):
    ids = tables["claims"]["claim_id"].to_pylist()
    rows = {"ring_id": ["R-1", "R-1", "R-2", "R-2", "R-3"],
            "claim_id": [ids[0], ids[1], ids[1], ids[2], ids[3]]}  # fmt: skip
    sides = dict(
        zip(*(c.to_pylist() for c in
              prices.ring_sides(pa.table(rows), tables["claims"]).select(["claim_id", "ring_id"]).columns),
            strict=True)
    )  # fmt: skip
    assert sides[ids[0]] == sides[ids[1]] == sides[ids[2]] != sides[ids[3]]


def test_lists_ranked_apart_become_one_list(tables):
    ids = [f"C{n:02d}" for n in range(6)]
    loss = pa.array(["5.00", "9.00", "5.00", "1.00", "9.00", "7.00"]).cast(pa.decimal128(18, 2))
    rows = of_claims.RANKED_CLAIMS.conform(
        pa.table({"claim_id": ids, "rank": [1, 1, 2, 3, 2, 1], "expected_loss": loss})
    )
    whole = of_claims.ranked_whole(rows, "expected_loss")
    assert whole["claim_id"].to_pylist() == ["C01", "C04", "C05", "C00", "C02", "C03"]
    assert whole["rank"].to_pylist() == [1, 2, 3, 4, 5, 6]


def test_one_claim_in_the_middle_stands_for_all():
    rng = np.random.default_rng(3)
    features = pa.table({f.name: rng.random(501) for f in of_claims.FEATURES})
    middle = medians(features)
    for name in features.column_names:
        both = [pc.approximate_median(t[name]).as_py() for t in (features, middle)]
        assert both[0] == both[1]


def test_the_lake_gives_back_what_was_put_in(tables, tmp_path):
    lake, claims = Lake(tmp_path / "lake"), tables["claims"]
    lake.put("known/claims", place(claims, "submitted_on"))
    assert lake.has("known/claims")
    assert lake.read("known/claims").sort_by("claim_id").equals(claims.sort_by("claim_id"))
    months = {p.parent.name for p in lake.path("known/claims").rglob("*.parquet")}
    assert months == {f"month={d.isoformat()[:7]}" for d in claims["submitted_on"].to_pylist()}
    before = lake.account()
    lake.put("known/claims", place(claims.take(pa.array(range(claims.num_rows))), "submitted_on"))
    assert lake.account() == before  # the same rows are the same bytes


def test_a_programme_named_like_a_path_stays_inside(tmp_path):
    lake = Lake(tmp_path / "lake")
    table = pa.table({"claim_id": ["1"], "programme": ["../../etc"]})
    lake.put("t", place(table, None))
    (file,) = (tmp_path / "lake").rglob("*.parquet")
    assert file.parent.parent.name == "programme=..%2F..%2Fetc"
    assert lake.read("t")["programme"].to_pylist() == ["../../etc"]


def test_a_table_without_rows_keeps_its_columns(tables, tmp_path):
    lake = Lake(tmp_path / "lake")
    lake.put("known/sanctions", place(tables["sanctions"].slice(0, 0), "starts_on"))
    assert lake.read("known/sanctions").schema == tables["sanctions"].schema
    assert place(tables["payments"], None)[PLACE[0]].to_pylist()[0] == ALL


def test_answers_stand_where_their_claim_stands(tables):
    claims = tables["claims"]
    answers = pa.table({"claim_id": claims["claim_id"].take(pa.array([5, 2]))})
    placed = place_by_claim(answers, claims)
    for row, at in zip(placed.to_pylist(), (5, 2), strict=True):
        assert row[PLACE[0]] == claims["programme"][at].as_py()
        assert row[PLACE[1]] == claims["submitted_on"][at].as_py().isoformat()[:7]


def test_tables_come_out_of_the_wide_one_as_they_went_in():
    rows = [{"of_table": "a", "a": {"x": 1, "y": None}, "b": None},
            {"of_table": "b", "a": None, "b": {"z": "q"}},
            {"of_table": "a", "a": {"x": None, "y": "w"}, "b": None}]  # fmt: skip
    wide = pa.Table.from_pylist(rows)
    tables = unpacked(wide, ("a", "b"))
    assert tables["a"].to_pylist() == [{"x": 1, "y": None}, {"x": None, "y": "w"}]
    assert tables["b"].to_pylist() == [{"z": "q"}]


def test_without_the_extra_there_is_one_line(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="make spark"):
        open_session("local[1]")


def test_the_embedded_engine_never_meets_pyspark():
    """Importing the command line, the conductor and the engine's own folder loads no pyspark."""
    import subprocess

    code = (
        "import sys, fraud_pipeline.cli.app, fraud_pipeline.engine.runner, fraud_pipeline.engine.spark;"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('pyspark', 'py4j')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
