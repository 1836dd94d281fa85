"""Monitoring: what moved is named once, in its group; noise and calm runs raise nothing."""

import copy
import re
import shutil
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import numpy as np
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from fraud_pipeline import monitor
from fraud_pipeline.cli.endpoint import application
from fraud_pipeline.monitor import health
from fraud_pipeline.monitor.drift import psi, shifts
from fraud_pipeline.monitor.measures import rate
from fraud_pipeline.store import attempts, runs
from fraud_pipeline.store.attempts import AttemptEvent
from fraud_pipeline.store.places import data_samples

TINY = data_samples() / "tiny"
NOW = datetime(2026, 5, 10, 4, 0, tzinfo=UTC)  # noon in Shanghai


@pytest.fixture(scope="module")
def two_runs(tiny_two_runs):
    return tiny_two_runs


class Changed:
    """A stored run with some of its parts replaced."""

    def __init__(self, run, manifest=None, nulls=None, **tables):
        self.run, self.tables, self.nulls = run, tables, nulls or {}
        self.manifest = manifest or run.manifest

    def table(self, name):
        return self.tables.get(name.replace("/", "_"), self.run.table(name))

    def null_shares(self, name):
        return {**self.run.null_shares(name), **self.nulls.get(name, {})}


@pytest.fixture
def run(two_runs):
    return runs.find(two_runs)


def groups(now, before):
    return {a.group: str(a) for a in monitor.alarms(monitor.measure(now, before))}


def test_psi_by_hand():
    before = np.repeat(np.arange(10.0), 100)  # ten equal bins
    now = np.concatenate([np.repeat(0.0, 300), np.repeat(np.arange(3.0, 10.0), 100)])
    # one bin from 10 to 30 %, two from 10 to (half a value of 1001) nearly nothing
    half = 0.5 / 1001
    expected = (0.3 - 0.1) * np.log(3) + 2 * (half - 0.1) * np.log(half / 0.1)
    assert psi(before, now)[0] == pytest.approx(expected, rel=0.01)


def test_psi_cries_wolf_as_often_as_it_says():
    rng = np.random.default_rng(3)
    chances = np.array([psi(rng.random(2000), rng.random(300))[1] for _ in range(600)])
    assert 0.02 < np.mean(chances < 0.05) < 0.09
    assert psi(rng.random(2000), rng.random(300) ** 2)[1] < 1e-6


def test_a_column_that_goes_silent_has_moved():
    known = pa.table({"x": np.random.default_rng(1).random(500)})
    silent = pa.table({"x": pa.array([None] * 500, pa.float64())})
    assert shifts(known, silent, ["x"])[0].psi > 1
    assert shifts(known, known, ["x", "not there"])[0].psi == 0


def test_exact_interval_of_a_rate():
    found = rate(0, 10)
    assert (found.low, found.high) == (0.0, pytest.approx(0.3085, abs=1e-4))  # tabled
    assert rate(0, 0) is None


def test_the_same_run_twice_raises_only_that_nothing_is_new(run):
    assert set(groups(run, run)) <= {"volumes", "queue"}
    assert "none new" in groups(run, run)["volumes"]


def test_a_table_that_shrank_and_one_in_quarantine(run):
    manifest = copy.deepcopy(run.manifest)
    manifest["tables"]["vouchers"]["rows_clean"] = 3
    manifest["tables"]["payments"] |= {"rows_in": 100, "rows_quarantined": 9}
    answer = groups(Changed(run, manifest), run)["volumes"]
    assert re.search(r"vouchers: \d+ → 3", answer) and "payments: 9 / 100 quarantined" in answer


def test_a_column_that_lost_its_values(run):
    now = Changed(run, nulls={"clean/claims": {"contact_phone": 0.9}})
    before = Changed(run, nulls={"clean/claims": {"contact_phone": 0.1}})
    assert groups(now, before)["missing"].endswith("claims.contact_phone: 10% → 90%")
    assert "missing" not in groups(before, now)  # fewer gaps are no alarm


def test_rules_that_err_or_fire_otherwise(run):
    rules = run.table("rules")
    code = rules["rule_code"][0].as_py()

    def counted(n_hit, n_pass, n_error=0):
        first = {"n_hit": n_hit, "n_pass": n_pass, "n_error": n_error}
        rows = [{**row, **(first if row["rule_code"] == code else {})} for row in rules.to_pylist()]
        return pa.Table.from_pylist(rows, schema=rules.schema)

    before = Changed(run, rules=counted(10, 990))
    assert f"{code}: 1.0% → 20.0%" in groups(Changed(run, rules=counted(50, 1150)), before)["rules"]
    assert f"{code}: 7 errors" in groups(Changed(run, rules=counted(10, 990, 7)), before)["rules"]
    assert "rules" not in groups(Changed(run, rules=counted(13, 1187)), before)


def outcomes(run, then, lately):
    """``then`` and ``lately`` are (improper, clean) before and after the recent days begin."""
    rows = []
    for day, (improper, clean) in ((date(2015, 6, 1), then), (date(2016, 3, 1), lately)):
        rows += [(day, "fraud")] * improper + [(day, "clean")] * clean
    schema = run.table("clean/outcomes").schema
    columns = {"decided_on": [r[0] for r in rows], "verdict": [r[1] for r in rows],
               "claim_id": [f"old{k}" for k in range(len(rows))], "selected_by": ["risk"] * len(rows)}  # fmt: skip
    arrays = [pa.array(columns.get(f.name, [None] * len(rows)), f.type) for f in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def test_a_hit_rate_that_collapsed_and_one_that_only_wobbled(run):
    fell = Changed(run, clean_outcomes=outcomes(run, (60, 40), (5, 95)))
    assert "risk: 60%" in groups(fell, run)["hits"]
    wobbled = Changed(run, clean_outcomes=outcomes(run, (60, 40), (50, 50)))
    assert "hits" not in groups(wobbled, run)


def test_page_and_prometheus_say_the_same_and_name_nobody(two_runs):
    with TestClient(application(two_runs, 30.0, None)) as web:
        text, page = web.get("/metrics"), web.get("/")
    assert text.status_code == page.status_code == 200
    assert text.headers["content-type"].startswith("text/plain; version=0.0.4")
    sample = re.compile(r'^fraud_pipeline_[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[\d.e+-]+$')
    lines = [line for line in text.text.splitlines() if not line.startswith("#")]
    assert lines and all(sample.match(line) for line in lines)
    assert 'fraud_pipeline_rows{kind="rows_in",table="claims"} 61' in lines
    firms = runs.find(two_runs).table("clean/enterprises")
    for who in firms["name"].to_pylist() + firms["enterprise_id"].to_pylist():
        assert who not in page.text and who not in text.text
    HTMLParser().feed(page.text)
    assert "http" not in page.text.replace("http-equiv", "")


def entries(*days, event="published"):
    return [AttemptEvent(datetime(2026, 5, d, 18, 5, tzinfo=UTC).isoformat(), event, d, f"r{d}")
            for d in days]  # fmt: skip


def alarms_of(events, **more):
    last = [e for e in events if e.event == "published"][-1]
    manifest = {"run_id": last.run_id, "as_of": "2026-05-09", "published": last.at}
    return monitor.freshness(
        manifest, events, NOW, **{"running": False, "max_age_hours": 30.0, **more}
    )


def test_every_run_came():
    fresh = alarms_of(entries(5, 6, 7, 8, 9))
    assert fresh.problems == () and fresh.days_without_run == ()
    assert fresh.hours_since_success == pytest.approx(9.9, abs=0.1)


def test_a_missing_run_is_named_by_its_date():
    """18:05 UTC of the 7th is the 8th in Shanghai: that day is the one without a run."""
    fresh = alarms_of(entries(5, 6, 8, 9))
    assert fresh.days_without_run == (date(2026, 5, 8),)
    assert "2026-05-08" in fresh.problems[0]


@pytest.mark.parametrize(
    ("events", "more", "text"),
    [(entries(1, 2), {}, "no success for"), (entries(8, 9) + entries(9, event="failed"), {}, "failed"),
     (entries(8, 9) + entries(10, event="begun"), {}, "was killed"),
     (entries(8, 9), {"max_data_days": 0}, "the data ends 1 days ago"), (entries(8, 11), {}, "clock")],
)  # fmt: skip
def test_every_problem_is_reported(events, more, text):
    assert any(text in problem for problem in alarms_of(events, **more).problems)


def test_a_run_in_progress_is_not_a_killed_one():
    fresh = alarms_of(entries(8, 9) + entries(10, event="begun"), running=True)
    assert fresh.problems == () and fresh.unfinished == 1


def test_an_unwritable_attempt_log_stops_no_run(tmp_path):
    (tmp_path / attempts.FILE).mkdir()
    with attempts.recorded(tmp_path) as attempt:
        attempt.ended("r1", new=True)
    shutil.rmtree(tmp_path / attempts.FILE)
    with attempts.recorded(tmp_path) as attempt:
        attempt.ended("r1", new=True)
    with (tmp_path / attempts.FILE).open("a") as file:
        file.write('{"at": "2026')  # torn by a full disk
    assert [e.event for e in attempts.read(tmp_path)] == ["begun", "published"]


def test_before_the_first_run_there_is_one_thing_to_say(tmp_path):
    seen = health.report(tmp_path)
    assert seen.measures is None
    assert seen.fresh.problems == ("no run was ever published",)
    assert "alarms" in monitor.as_prometheus(None, seen.fresh, [])
