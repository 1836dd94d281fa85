"""Cost by shape: the same number of claims, spread evenly or heaped up in one place.

    python -m benchmarks.hard_shapes [--claims 200000] [--shapes one_text,one_day] [--repeat 3]
        [--folder DIR] [--memory 12]

One simulated world is changed in one respect a shape, so that what a step groups by falls into one
group: a file of one service, of three enterprises, of one text in every contract. Every run is a
process of its own, as the scheduler starts it; CPU seconds (median of ``--repeat``), their ratio to the even
world's and the peak memory are printed, with the steps that grew most. ``--memory``: GB after which a run is ended
and called failed.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.nightly import SEED, night
from fraud_pipeline.simulate import simulate

Data = dict[str, pa.Table]


def _same(data: Data, table: str, column: str, value: Any, share: float = 1.0) -> None:
    """``column`` holds ``value`` in the first ``share`` of the rows."""
    rows = data[table]
    kept = rows[column].combine_chunks()
    n = int(share * rows.num_rows)
    alike = pa.array([value] * n, kept.type)
    _set(data, table, column, pa.concat_arrays([alike, kept.slice(n)]))


def _set(data: Data, table: str, column: str, values: pa.Array) -> None:
    at = data[table].schema.get_field_index(column)
    data[table] = data[table].set_column(at, column, values)


_ENTERPRISE = {"claims": ("enterprise_id",), "contracts": ("enterprise_id",), "vouchers": ("enterprise_id",),
               "payments": ("payer_id", "payee_id"), "invoices": ("buyer_id",)}  # fmt: skip
_INSTITUTION = {"claims": ("institution_id",), "contracts": ("institution_id",),
                "payments": ("payer_id", "payee_id"), "invoices": ("seller_id",)}  # fmt: skip


def _renamed(
    data: Data, places: Mapping[str, tuple[str, ...]], old: pa.Array, new: pa.Array
) -> None:
    """Every id of ``old`` is the one of ``new`` at its place, wherever it stands."""
    for table, columns in places.items():
        for column in columns:
            values = data[table][column].combine_chunks()
            at = pc.index_in(values, value_set=old)
            _set(data, table, column, pc.coalesce(new.take(at), values))


def even(data: Data) -> None:
    """The world as it is simulated."""


def one_service(data: Data) -> None:
    _same(data, "claims", "service_type", "testing")
    _same(data, "contracts", "service_type", "testing")


def one_title(data: Data) -> None:
    _same(data, "claims", "service_title", "产品检验检测")


def three_enterprises(data: Data) -> None:
    ids = data["enterprises"]["enterprise_id"].combine_chunks()
    few = ids.take(pa.array(np.arange(len(ids)) % 3))
    _renamed(data, _ENTERPRISE, ids, few)


def one_large_institution(data: Data) -> None:
    """Two institutions in five are one."""
    ids = data["institutions"]["institution_id"].combine_chunks()
    n = np.arange(len(ids))
    _renamed(data, _INSTITUTION, ids, ids.take(pa.array(np.where(n % 5 < 2, 0, n))))


def one_text(data: Data) -> None:
    text = "甲乙双方就技术服务事宜协商一致，乙方按期提交全部成果，甲方验收合格后支付价款。" * 8
    _same(data, "contracts", "text", text)
    _same(data, "claims", "report_text", text)


def one_phone(data: Data) -> None:
    """Half of the enterprises give the number of one agency."""
    _same(data, "enterprises", "phone", "13800138000", 0.5)
    _same(data, "claims", "contact_phone", "13800138000", 0.5)


def one_account(data: Data) -> None:
    _same(data, "enterprises", "bank_account", "6222020200011234567", 0.5)
    _same(data, "payments", "payer_account", "6222020200011234567", 0.5)


def one_agent(data: Data) -> None:
    _same(data, "claims", "agent_id", "AGENT1", 0.5)
    _same(data, "claims", "device_id", "DEVICE1", 0.5)


def one_day(data: Data) -> None:
    """All on the last day; verdicts would come before their claims, so there are none."""
    _same(data, "claims", "submitted_on", pc.max(data["claims"]["submitted_on"]).as_py())
    data["outcomes"] = data["outcomes"].slice(0, 0)


def one_number(data: Data) -> None:
    """Every invoice and every report has the same number."""
    _same(data, "invoices", "invoice_no", "20170001")
    _same(data, "deliverables", "reference_no", "20170001")


SHAPES: tuple[Callable[[Data], None], ...] = (
    even, one_service, one_title, three_enterprises, one_large_institution, one_text, one_phone, one_account,
    one_agent, one_day, one_number,
)  # fmt: skip


def shaped(data: Mapping[str, pa.Table], shape: Callable[[Data], None], to: Path) -> Path:
    """The world in one shape, as Parquet files under ``to``."""
    changed = dict(data)
    shape(changed)
    to.mkdir(parents=True)
    for name, table in changed.items():
        pq.write_table(table, to / f"{name}.parquet")
    return to


def measured(data: Path, workspace: Path, repeat: int) -> dict[str, Any]:
    """Median CPU seconds, peak GB and seconds by step of ``repeat`` runs."""
    found = []
    for _ in range(repeat):
        shutil.rmtree(workspace, ignore_errors=True)
        found.append(night(data, workspace))
    shutil.rmtree(workspace, ignore_errors=True)
    steps = {
        name: statistics.median(run["steps"][name]["cpu_seconds"] for run in found)
        for name in found[0]["steps"]
    }
    return {
        "cpu": statistics.median(run["cpu"] for run in found),
        "peak_gb": max(run["peak_gb"] for run in found),
        "steps": steps,
    }


def line(name: str, found: Mapping[str, Any], first: Mapping[str, Any]) -> str:
    """A row of the table: ratios to the even world, and the three steps that grew most."""
    grown = {step: found["steps"][step] - first["steps"].get(step, 0.0) for step in found["steps"]}
    most = sorted(grown, key=lambda step: -grown[step])[:3]
    steps = ", ".join(f"{step} {grown[step]:+.1f} s" for step in most if grown[step] > 0.5)
    return (
        f"| {name} | {found['cpu']:.0f} | {found['cpu'] / first['cpu']:.2f} "
        f"| {found['peak_gb']:.1f} | {steps} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--claims", type=int, default=200_000)
    parser.add_argument("--shapes", default="")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", type=float, default=12.0)
    chosen = parser.parse_args()
    limit = int(chosen.memory * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    wanted = [s for s in SHAPES if not chosen.shapes or s.__name__ in chosen.shapes.split(",")]
    data = simulate("wuhan", chosen.claims, SEED).tables
    print("| shape | CPU s | times the even world | peak GB | steps that grew most |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        first: dict[str, Any] | None = None
        for shape in (even, *(s for s in wanted if s is not even)):
            place = shaped(data, shape, Path(folder) / shape.__name__)
            try:
                found = measured(place, Path(folder) / "workspace", chosen.repeat)
            except SystemExit as failure:
                print(f"| {shape.__name__} | failed: {failure} | | | |", flush=True)
                continue
            finally:
                shutil.rmtree(place)
            first = first or found
            print(line(shape.__name__, found, first), flush=True)


if __name__ == "__main__":
    main()
