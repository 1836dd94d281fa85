"""How many dirty cells the loader puts right, sets aside or gets wrong without a word.

Worlds are handed in as bureaus would (`simulate --dirty`) and loaded; every clean cell is
held against the truth. A cell is repaired when it holds the true value again; said, when
the loader names it in the quarantine, as a unit slip, as an invalid identifier or as a day
that was missing; else, if it differs from the truth, it is silently wrong.

    python -m benchmarks.dirt [CLAIMS] [SEEDS] [FIRST SEED]

Seeds 1 to 8 served for mending the loader; the default ones did not.
"""

import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fraud_pipeline import ingest
from fraud_pipeline.ingest.notebook import ROW_LOST
from fraud_pipeline.ingest.units import find_unit_slips
from fraud_pipeline.ingest.validity import invalid_identifiers
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.simulate.dirt.hand_in import HandedIn, hand_in
from fraud_pipeline.store.sources import open_sources

REPAIRED_FLOOR, WRONG_CEILING = 0.99, 1e-4


@dataclass
class Held:
    """Counts of one hand-in; ``faults`` lists accounts that do not hold."""

    rows_in: int = 0
    rows_clean: int = 0
    rows_quarantined: int = 0
    cells: int = 0
    dirty: int = 0
    repairable: int = 0
    repaired: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list)
    missed: Counter[tuple[str, str, str]] = field(
        default_factory=Counter
    )  # repairable, not repaired
    wrongly: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str, str], tuple[object, ...]] = field(default_factory=dict)


def load(folder: Path) -> Loaded:
    return ingest.load(open_sources(str(folder), ingest.stems(None)), IngestSettings())


def hold(given: HandedIn, loaded: Loaded) -> Held:
    """What was loaded, held cell by cell against what is true of the files."""
    held = Held()
    said = _said(loaded)
    dirt: dict[tuple, dict] = defaultdict(dict)
    for c in given.cells.to_pylist():
        dirt[c["table"], c["file"], c["sheet"], c["row"]][c["column"]] = c
    stood = {(r["table"], r["file"], r["sheet"], r["row"]): r for r in given.rows.to_pylist()}
    for name in given.tables:
        if given.tables[name].num_rows:
            _accounts(name, stood, loaded, held)
            _records(name, given, loaded, stood, dirt, said, held)
    return held


def _accounts(name, stood, loaded, held) -> None:
    account = loaded.accounts[name]
    written = sum(table == name for table, *_ in stood)
    lost = {(q["file"], q["sheet"], q["row"]) for q in loaded.quarantine.to_pylist()
            if q["table"] == name and q["detail"].startswith(ROW_LOST)}  # fmt: skip
    if not written == account.rows_in == account.rows_clean + len(lost):
        held.faults.append(f"{name}: {written} written, {account}, {len(lost)} rows in quarantine")
    held.rows_in += account.rows_in
    held.rows_clean += account.rows_clean
    held.rows_quarantined += account.rows_quarantined


def _said(loaded) -> set[tuple[object, ...]]:
    """The cells about which the loader says that their value is not known or not certain."""
    places = [q for q in loaded.quarantine.to_pylist()]
    places += [
        r for r in loaded.repairs.to_pylist() if r["kind"] in ("day_missing", "kind_not_listed")
    ]
    places += [
        *invalid_identifiers(loaded.tables).to_pylist(),
        *find_unit_slips(loaded.tables).to_pylist(),
    ]
    return {(p["table"], p["file"], p["sheet"], p["row"], p["column"]) for p in places}


def _records(name, given, loaded, stood, dirt, said, held) -> None:
    columns = [c for c in given.tables[name].column_names if not c.startswith("source_")]
    required = set(INPUT_TABLES[name].required)
    true = given.tables[name].select(columns).to_pylist()
    clean = {
        (r["source_file"], r["source_sheet"], r["source_row"]): r
        for r in loaded.tables[name].to_pylist()
    }
    for (table, *place), entry in stood.items():
        if table != name or entry["kind"] not in ("record", "duplicate"):
            continue
        here = dirt.get((name, *place), {})
        row, truth = clean.pop(tuple(place), None), true[entry["true_row"]]
        lost = any(not c["repairable"] and column in required for column, c in here.items())
        if row is None:
            if entry["kind"] == "record" and not lost:
                _count(held, [c for c in here.values() if c["repairable"]], truth, None)
            continue
        _count(held, [c for c in here.values() if c["repairable"]], truth, row)
        held.cells += len(columns)
        held.dirty += len(here)
        for column in columns:
            if row[column] == truth[column] or (name, *place, column) in said:
                continue
            if not _all_the_cell_shows(here.get(column), row[column], truth[column]):
                _wrong(held, here.get(column), name, column, row[column], truth[column], place)
    for place in clean:  # older versions whose newer one is lost are records too
        if stood[(name, *place)]["kind"] != "older":
            held.faults.append(f"{name}: {place} is {stood[(name, *place)]['kind']}, and was taken")


def _all_the_cell_shows(cell, got, truth) -> bool:
    """A date in another order, without the time that was there: its day is all one can read."""
    lossy = cell is not None and cell["kind"] == "not_a_date" and not cell["repairable"]
    return lossy and isinstance(got, datetime) and got.date() == truth.date()


def _count(held: Held, cells, truth, row) -> None:
    held.repairable += len(cells)
    for c in cells:
        if row is not None and row[c["column"]] == truth[c["column"]]:
            held.repaired += 1
        else:
            what = (c["kind"], c["column"], "row lost" if row is None else "cell")
            held.missed[what] += 1
            held.examples.setdefault(
                what, (c["file"], c["row"], c["dirty"], c["true"], row and row[c["column"]])
            )


def _wrong(held: Held, cell, name, column, got, truth, place) -> None:
    held.wrong += 1
    what = (name, column, cell["kind"] if cell else "clean cell")
    held.wrongly[what] += 1
    held.examples.setdefault(what, (*place, cell and cell["dirty"], truth, got))


def measure(tables: Tables, seed: int) -> tuple[Held, float]:
    """``tables`` handed in dirty and loaded again; the loader's seconds."""
    given = hand_in(tables, seed)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in given.files.items():
            (Path(folder) / name).write_bytes(data)
        begun = time.perf_counter()
        loaded = load(Path(folder))
        return hold(given, loaded), time.perf_counter() - begun


def main() -> None:
    from fraud_pipeline.simulate import simulate  # noqa: PLC0415 - the measure needs no world

    given = [int(a) for a in sys.argv[1:4]]
    claims, seeds, first = (*given, *(1071, 5, 51)[len(given) :])
    print(
        "| seed | rows in | clean | quarantined | dirty cells | repaired of repairable | silently wrong | of cells |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for seed in range(first, first + seeds):
        held, _ = measure(simulate("wuhan", n_claims=claims, seed=seed).tables, seed)
        print(f"| {seed} | {held.rows_in:,} | {held.rows_clean:,} | {held.rows_quarantined:,} | {held.dirty:,} | "
              f"{held.repaired:,} of {held.repairable:,} ({held.repaired / held.repairable:.2%}) | {held.wrong} | "
              f"{held.cells:,} |", flush=True)  # fmt: skip
        for fault in held.faults:
            print(f"accounts do not hold: {fault}")


if __name__ == "__main__":
    main()
