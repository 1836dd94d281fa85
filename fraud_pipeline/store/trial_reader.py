"""Reads a file that somebody tries out, in a process of its own with limits on memory and time.

``python -m fraud_pipeline.store.trial_reader FOLDER [PACKS]`` drafts ``mapping.toml`` where there is none,
reads the folder's one data file with it, and writes what was understood to ``understood.json``. ``PACKS`` is a folder of the bureau's own packs.
"""

from __future__ import annotations

import contextlib
import resource
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import ingest
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.ingest.grids import Grid
from fraud_pipeline.ingest.load import read_grids
from fraud_pipeline.ingest.mapping import SourceMapping
from fraud_pipeline.ingest.suggest import draft, sample_of
from fraud_pipeline.ingest.suggest_toml import as_toml
from fraud_pipeline.ingest.wording import printable
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store import files
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.sources import open_sources

DATA, MAPPING, UNDERSTOOD = "data", "mapping.toml", "understood.json"
MEMORY_BYTES, SECONDS = 3 << 30, 300
_SAMPLES, _ROWS, _HEADERS, _SHOWN = 3, 5, 200, 80  # values, rows, columns and characters shown


def data_file(folder: Path) -> Path:
    """The one file that is tried out."""
    return next(path for path in sorted((folder / DATA).iterdir()))


def understand(folder: Path, packs: Path | None = None) -> dict[str, Any]:
    """What is read of the data file by the mapping, or the line that says why nothing is."""
    path, settings = data_file(folder), IngestSettings()
    understood: dict[str, Any] = {"error": "", "columns": [], "rows": {}, "quarantine": [], "repairs": [],
                            "notes": [], "first": []}  # fmt: skip
    try:
        grids = [grid for source in open_sources(str(path), ingest.stems(None))
                 for grid in read_grids(source, SourceMapping(), settings)]  # fmt: skip
        understood["columns"] = _columns(grids)
        if not (folder / MAPPING).is_file():
            files.write_bytes(folder / MAPPING, as_toml(draft(grids)).encode())
        mapping = ingest.parse_mapping((folder / MAPPING).read_text("utf-8"), MAPPING)
        loaded = ingest.load(open_sources(str(path), ingest.stems(mapping)), settings, mapping,
                             known_programmes=currencies_of(load_packs(packs)))  # fmt: skip
        understood |= _account(loaded)
        ingest.require_usable(loaded, settings)
    except FraudPipelineError as error:
        understood["error"] = printable(str(error))
    return understood


def _columns(grids: list[Grid]) -> list[dict[str, Any]]:
    """Every header of the widest list, with some of its values."""
    samples_by_header: dict[str, list[str]] = {}
    for grid in grids:
        for header, cells in zip(grid.header, grid.columns, strict=True):
            if header.strip() and header not in samples_by_header:
                samples_by_header[header] = [_short(v) for v in sample_of(cells)[:_SAMPLES]]
    return [
        {"header": h, "samples": values} for h, values in list(samples_by_header.items())[:_HEADERS]
    ]


def _account(loaded: Loaded) -> dict[str, Any]:
    account = loaded.accounts["claims"]
    claims = loaded.tables["claims"]
    names = (
        "claim_id",
        "enterprise_id",
        "institution_id",
        "contract_amount",
        "claimed_amount",
        "submitted_on",
    )
    first = claims.slice(0, _ROWS).select(list(names)).to_pylist()
    return {
        "rows": {"in": account.rows_in, "clean": account.rows_clean, "quarantined": account.rows_quarantined,
                 "amount": str(pc.sum(claims["contract_amount"]).as_py() or 0),
                 "from": str(pc.min(claims["submitted_on"]).as_py() or ""),
                 "until": str(pc.max(claims["submitted_on"]).as_py() or "")},
        "quarantine": _counted(loaded.quarantine, "reason_code", ("row", "column", "value")),
        "repairs": _counted(loaded.repairs, "kind", ("row", "column", "before", "after")),
        "notes": [_short(printable(note)) for note in loaded.notes[:20]],
        "first": [{name: _short(str(row[name])) for name in names} for row in first],
    }  # fmt: skip


def _counted(entries: pa.Table, kind: str, shown: tuple[str, ...]) -> list[dict[str, Any]]:
    """Each kind of entry: how many, and the first one."""
    counts = Counter(entries[kind].to_pylist())
    kinds = []
    for name, n in counts.most_common():
        first = entries.filter(pc.equal(entries[kind], name)).slice(0, 1).to_pylist()[0]
        kinds.append(
            {
                "kind": name,
                "n": n,
                **{c: _short(str(first[c] if first[c] is not None else "")) for c in shown},
            }
        )
    return kinds


def _short(text: str) -> str:
    text = printable(text)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def write_understood(folder: Path, packs: Path | None = None) -> None:
    """Reads the file and writes what was understood."""
    files.write_json(folder / UNDERSTOOD, understand(folder, packs))


def main(folder: Path, packs: Path | None = None) -> None:
    """As :func:`write_understood`, with limits on this process; what goes wrong in reading goes wrong here."""
    with contextlib.suppress(ValueError, OSError):  # not every system can
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, resource.RLIM_INFINITY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    write_understood(folder, packs)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
