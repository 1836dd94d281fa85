"""What the audit commands read and write: plan folders, small tables handed in by people."""

from __future__ import annotations

import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from fraud_pipeline import audit, ingest
from fraud_pipeline.audit.closing import close
from fraud_pipeline.audit.findings import agreement, hit_rates, missed_by_ranking, pooled
from fraud_pipeline.audit.limits import Limits, places_of
from fraud_pipeline.audit.paper import closing_page, plan_page
from fraud_pipeline.audit.rounds import read_round
from fraud_pipeline.audit.visits import double_checks, reserves, visits
from fraud_pipeline.audit.worksheet import workbook
from fraud_pipeline.core.currency import in_currency, shared_currency
from fraud_pipeline.engine import run_queries
from fraud_pipeline.errors import InputError, IntegrityError
from fraud_pipeline.schema import Tables
from fraud_pipeline.settings import AuditSettings, IngestSettings, recorded_settings
from fraud_pipeline.store import files, runs
from fraud_pipeline.store.exports import export_tables
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.vocabulary.messages import LANGUAGES

_DOUBLE = 0.05  # of the plan is checked twice, blindly
FRAME, PLAN, COMMITMENT = "audit_frame.parquet", "audit_plan.parquet", "commitment.json"


_KINDS = {"text": pa.string(), "number": pa.float64()}


def empty_table(columns: dict[str, str]) -> pa.Table:
    """No rows of these columns (name -> text or number)."""
    return pa.table({name: pa.array([], _KINDS[kind]) for name, kind in columns.items()})


def small_table(path: Path, columns: dict[str, str]) -> pa.Table:
    """A CSV with these columns (name -> text or number). InputError names file and column."""
    types = {name: _KINDS[kind] for name, kind in columns.items()}
    try:
        options = pacsv.ConvertOptions(column_types=types, strings_can_be_null=True)
        table = pacsv.read_csv(path, convert_options=options)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=str(path)) from error
    except pa.ArrowInvalid as error:
        raise InputError(str(error).splitlines()[0], file=str(path)) from error
    table = table.rename_columns([name.lstrip("\ufeff").strip() for name in table.column_names])
    for name in columns:
        if name not in table.column_names:
            raise InputError("the column is missing", file=str(path), column=name)
        if table[name].null_count:
            row = table[name].is_null().to_pylist().index(True) + 2
            raise InputError("the cell is empty", file=str(path), row=row, column=name)
    return table.select(list(columns))


def limits_from(tree: dict[str, Any]) -> Limits:
    days = tree["days_by_claim"]
    table = None if days is None else pa.table(
        {"claim_id": pa.array([d[0] for d in days], pa.string()),
         "days": pa.array([d[1] for d in days], pa.float64())}
    )  # fmt: skip
    return Limits(
        tree["days"], table, tree["region"], tree["institution"], tree["each_institution"]
    )


def commit(
    run: runs.Run, settings: AuditSettings, budget: int | None, cover: float | None, limits: Limits,
    folder: Path, visited: list[str] | None = None,
) -> str:  # fmt: skip
    """Writes the undrawn frame and the commitment to it; returns the hash to publish."""
    plan = _make_plan(run, settings, budget, cover, limits, visited, seed=0)
    at = plan.frame.schema.get_field_index("drawn")
    undrawn = plan.frame.set_column(at, "drawn", pa.array([False] * plan.frame.num_rows))
    days = limits.days_by_claim
    tree = dataclasses.asdict(dataclasses.replace(limits, days_by_claim=None))
    if days is not None:
        pairs = zip(days["claim_id"].to_pylist(), days["days"].to_pylist(), strict=True)
        tree["days_by_claim"] = [[claim, spent] for claim, spent in pairs]
    files.write_table(folder / FRAME, undrawn)
    files.write_json(folder / COMMITMENT, {
        "run_id": run.run_id, "frame_sha256": plan.summary["frame_sha256"], "budget": budget,
        "cover_enterprises": cover, "visited": visited, "limits": tree, "settings": settings.model_dump(mode="json"),
        **{name: plan.summary[name] for name in ("precision_zh", "precision_en")},
    })  # fmt: skip
    return str(plan.summary["frame_sha256"])


def precision_of(folder: Path) -> tuple[str, str]:
    """What a committed plan promises or refuses about the rate, in both languages."""
    promised = files.read_json(folder / COMMITMENT)
    return promised["precision_zh"], promised["precision_en"]


def _make_plan(
    run: runs.Run, settings: AuditSettings, budget: int | None, cover: float | None,
    limits: Limits, visited: list[str] | None, seed: int,
) -> audit.Plan:  # fmt: skip
    requirements = audit.Requirements(
        cover, visited=None if visited is None else pa.array(visited, pa.string())
    )
    return audit.make_plan(
        run.table("ranked_claims"), run_queries.known_to(run), settings, budget=budget, seed=seed,
        as_of=run_queries.as_of(run), requirements=requirements, limits=limits,
    )  # fmt: skip


def draw(
    workspace: Path, folder: Path, seed: int, auditors: pa.Table, conflicts: pa.Table, spare: int
) -> dict[str, Any]:
    """Draws the committed plan with the revealed seed and writes everything people need.

    Raises IntegrityError when the run no longer gives the frame that was committed to, or
    the plan was drawn with another seed: who may draw twice may choose.
    """
    promised = files.read_json(folder / COMMITMENT)
    if (folder / "plan.json").is_file():
        before = files.read_json(folder / "plan.json")["seed"]
        if before != seed:
            raise IntegrityError(f"{folder}: was drawn with seed {before}; a plan is drawn once")
    run = runs.find(workspace, promised["run_id"])
    settings = recorded_settings({"audit": promised["settings"]}, COMMITMENT).audit
    plan = _make_plan(run, settings, promised["budget"], promised["cover_enterprises"],
                    limits_from(promised["limits"]), promised["visited"], seed)  # fmt: skip
    root = plan.summary["frame_sha256"]
    if root != promised["frame_sha256"]:
        raise IntegrityError(
            f"{folder}: the plan comes out with hash {root}, not the published "
            f"{promised['frame_sha256']}"
        )
    known = run_queries.known_to(run)
    going = visits(_claims_to_visit(plan, run, known), auditors, conflicts)
    spares = reserves(plan.frame, seed, root, spare)
    rules = run.hits()
    in_plan = pc.is_in(rules["claim_id"], value_set=plan.plan["claim_id"])
    files.write_table(folder / FRAME, plan.frame)
    files.write_table(folder / PLAN, plan.plan)
    files.write_table(folder / "visits.parquet", going)
    files.write_table(folder / "reserves.parquet", spares)
    twice = double_checks(plan.plan, seed, root, _DOUBLE)
    files.write_table(folder / "double_checks.parquet", twice)
    export_tables({"double_checks": twice}, folder, ("csv",))
    files.write_json(folder / "plan.json", plan.summary)
    sheet = workbook(plan.plan, run.table("ranked_claims"), going, rules.filter(in_plan), spares)
    files.write_bytes(folder / "worksheet.xlsx", sheet)
    code = runs.currency_of_run(run)
    for lang in LANGUAGES:
        page = in_currency(plan_page(plan.summary, going, lang), code)
        files.write_bytes(folder / f"plan.{lang}.html", page.encode())
    return plan.summary


def _claims_to_visit(plan: audit.Plan, run: runs.Run, known: Tables) -> pa.Table:
    """claim_id, enterprise_id, institution_id, region, days of the drawn claims."""
    ranked = run.table("ranked_claims").sort_by("claim_id")
    rows = ranked.filter(pc.is_in(ranked["claim_id"], value_set=plan.plan["claim_id"]))
    regions, _ = places_of(rows, known)
    at = pc.index_in(rows["claim_id"], value_set=plan.frame["claim_id"].combine_chunks())
    days = plan.frame["cost_days"].take(at.combine_chunks()).fill_null(1.0)
    table = rows.select(["claim_id", "enterprise_id", "institution_id"])
    return table.append_column("region", pa.array(regions)).append_column("days", days)


def verify(folder: Path, committed: str | None) -> str:
    """Draws again from the published frame and seed; raises IntegrityError if anything differs."""
    promised = files.read_json(folder / COMMITMENT)["frame_sha256"]
    if committed is not None and committed != promised:
        raise IntegrityError(
            f"{folder}: the commitment {promised} is not the published {committed}"
        )
    summary = files.read_json(folder / "plan.json")
    frame = files.read_table(folder / FRAME)
    audit.verify_plan(frame, files.read_table(folder / PLAN), summary["seed"], promised)
    spares = reserves(frame, summary["seed"], promised, 10**9)
    spares_on_disk = files.read_table(folder / "reserves.parquet")
    if not spares.slice(0, spares_on_disk.num_rows).equals(spares_on_disk):
        raise IntegrityError(f"{folder}: the spare claims are not those of seed {summary['seed']}")
    return promised


def outcomes_with(tables: Tables, claims: Path, paths: list[Path]) -> Tables:
    """``tables`` with the outcomes of filled-in files added; a file's own rows win by id.

    Rows whose verdict is still empty are not yet decided. Raises InputError for any other
    row that cannot be read. ``claims``: the run's claims, which the loader asks for.
    """
    for path in paths:
        sources = [*open_sources(str(claims), _STEMS), *open_sources(str(path), _STEMS)]
        loaded = ingest.load(sources, IngestSettings())
        _only_waiting(loaded.quarantine)
        new, old = loaded.tables["outcomes"], tables["outcomes"]
        if new.num_rows == 0:
            raise InputError("no row has a verdict yet", file=str(path))
        unchanged = old.filter(pc.invert(pc.is_in(old["outcome_id"], value_set=new["outcome_id"])))
        tables = tables.replaced(outcomes=pa.concat_tables([unchanged, new]))
    return tables


def _only_waiting(quarantine: pa.Table) -> None:
    """Raises InputError for the first row of outcomes that was quarantined although it has a verdict."""
    entries = quarantine.filter(pc.equal(quarantine["table"], "outcomes")).to_pylist()
    waiting = {
        (e["file"], e["sheet"], e["row"])
        for e in entries
        if e["column"] == "verdict" and not (e["value"] or "").strip()
    }
    for e in entries:
        if (e["file"], e["sheet"], e["row"]) not in waiting:
            raise InputError(
                f"{e['reason_code']} ({e['value']!r:.60})", file=e["file"], sheet=e["sheet"],
                row=e["row"], column=e["column"],
            )  # fmt: skip


_STEMS = ingest.stems(None)


def close_rounds(
    workspace: Path, folders: list[Path], outcomes: list[Path], checks: pa.Table | None,
    as_of: date, settings: AuditSettings, to: Path,
) -> pa.Table:  # fmt: skip
    """Verifies every plan, then writes the closing tables and report of these rounds to ``to``."""
    closed, hits, missed, codes = [], [], [], []
    for folder in folders:
        verify(folder, None)
        run = runs.find(workspace, files.read_json(folder / COMMITMENT)["run_id"])
        tables = outcomes_with(run.tables(), run.folder / "clean" / "claims.parquet", outcomes)
        frame = files.read_table(folder / FRAME).sort_by("claim_id").combine_chunks()
        codes.append(runs.currency_of_run(run))
        plan = files.read_table(folder / PLAN)
        drawn_on = date.fromisoformat(files.read_json(folder / "plan.json")["as_of"])
        round_ = read_round(frame, tables, drawn_on, as_of)
        closed.append(round_)
        labels = _labels(folder, run, plan)
        ids = frame["claim_id"].combine_chunks()
        hits.append(hit_rates(round_, ids, labels, settings.confidence))
        missed.append(missed_by_ranking(round_, frame, plan))
    table = close(closed, settings, checks)
    agreed = agreement(checks if checks is not None else _NO_CHECKS, settings.confidence)
    results = {"closing": table, "hit_rates": pooled(hits, settings.confidence),
            "missed": pa.concat_tables(missed), "agreement": agreed}  # fmt: skip
    for name, one in results.items():
        files.write_table(to / f"{name}.parquet", one)
    for lang in LANGUAGES:
        page = closing_page(table, results["hit_rates"], results["missed"], agreed, lang)
        page = in_currency(page, shared_currency(codes))
        files.write_bytes(to / f"closing.{lang}.html", page.encode())
    return table


_NO_CHECKS = pa.table(
    {name: pa.array([], pa.string()) for name in ("claim_id", "auditor_id", "verdict")}
)


def _labels(folder: Path, run: runs.Run, plan: pa.Table) -> list[tuple[str, pa.Table]]:
    hit = run.hits().select(["claim_id", "rule_code"])
    who = files.read_table(folder / "visits.parquet").select(["claim_id", "auditor_id"])
    who = who.filter(pc.is_valid(who["auditor_id"]))
    strata = plan.select(["claim_id", "stratum"])
    names = ["claim_id", "key"]
    return [("stratum", strata.rename_columns(names)), ("rule", hit.rename_columns(names)),
            ("auditor", who.rename_columns(names))]  # fmt: skip
