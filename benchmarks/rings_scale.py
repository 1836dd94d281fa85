"""Seconds and peak memory of ties and rings at 10 thousand, 100 thousand, 1 million claims.

    python -m benchmarks.rings_scale [claims ...]

Each size in a process of its own: a market with heavy-tailed institutions over two years (2.5
claims a firm, 40 an institution), bookkeepers' phones, shared addresses, devices and persons,
a short report on every claim, and one planted ring of 8 firms for every 2,000 claims. Compiled
code is warmed up on a small market first. Peak memory is that of the whole process, tables
included. The exponent is the slope of processor seconds against claims on logarithmic scales:
they do not depend on what else the machine does.
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np
import pyarrow as pa

from fraud_pipeline import graph, rings
from fraud_pipeline.core.money import from_fen
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.settings import GraphSettings, RingSettings

SIZES = (10_000, 100_000, 1_000_000)
_WORDS = np.array([chr(0x4E00 + k) for k in range(600)])


def market(n_claims: int, seed: int = 0) -> Tables:
    """Claims, firms, institutions and people behind them; numbers of rows grow with ``n_claims``."""
    rng = np.random.default_rng(seed)
    n_firms, n_insts = max(n_claims * 2 // 5, 20), max(n_claims // 40, 5)
    popularity = 1.0 / (np.arange(n_insts) + 3.0) ** 0.8
    firm = rng.integers(0, n_firms, n_claims)
    inst = rng.choice(n_insts, n_claims, p=popularity / popularity.sum())
    day = rng.integers(16_800, 17_530, n_claims)
    ring_firms = _plant(rng, firm, inst, day, n_firms, n_insts)
    firms = _names("E", n_firms)
    phones = _names("1390000", n_firms)
    kept = rng.random(n_firms) < 0.25
    phones[kept] = _names("1380000", n_firms // 80 + 1)[
        rng.integers(0, n_firms // 80 + 1, kept.sum())
    ]
    for number, members in enumerate(ring_firms):
        phones[members] = f"137{number:08d}"
    address = np.char.add("地址", rng.integers(0, n_firms * 2, n_firms).astype(str))
    device = _names("DV", n_firms)[np.where(rng.random(n_claims) < 0.02, firm // 5 * 5, firm)]
    holder = _names("P", n_firms)[np.where(rng.random(n_firms) < 0.05, np.arange(n_firms) // 4 * 4,
                                           np.arange(n_firms))]  # fmt: skip
    return Tables(
        {
            "claims": _table(
                "claims",
                claim_id=_names("C", n_claims), programme=np.full(n_claims, "wuhan"),
                enterprise_id=firms[firm], institution_id=_names("I", n_insts)[inst],
                service_type=np.full(n_claims, "testing"), device_id=device,
                claimed_amount=from_fen(rng.integers(10, 300, n_claims) * 10_000),
                submitted_on=pa.array(day.astype(np.int32), pa.date32()),
                report_text=_reports(rng, n_claims),
            ),
            "enterprises": _table(
                "enterprises", enterprise_id=firms, phone=phones, address=address
            ),
            "relations": _table(
                "relations", party_id=firms, person_id=holder,
                role=np.full(n_firms, "shareholder"), share=np.full(n_firms, 0.6),
            ),
        }
    )  # fmt: skip


def _plant(
    rng: np.random.Generator, firm: np.ndarray, inst: np.ndarray, day: np.ndarray,
    n_firms: int, n_insts: int,
) -> list[np.ndarray]:  # fmt: skip
    """Turns 12 claims of each ring into claims of 8 firms at one quiet institution; in place."""
    crews = []
    for number in range(firm.size // 2_000):
        members = rng.choice(n_firms, 8, replace=False)
        rows = rng.choice(firm.size, 12, replace=False)
        firm[rows] = np.concatenate([members, rng.choice(members, 4)])
        inst[rows] = n_insts - 1 - number % (n_insts // 2)
        day[rows] = rng.integers(16_800, 17_460) + rng.integers(0, 40, 12)
        crews.append(members)
    return crews


def _reports(rng: np.random.Generator, n: int) -> list[str]:
    """Sixty characters each: a common template and words of its own."""
    own = _WORDS[rng.integers(0, 600, (n, 40))]
    template = "本项目按合同约定完成全部服务内容并交付"
    return [template + "".join(words) for words in own]


def _names(prefix: str, n: int) -> np.ndarray:
    return np.char.add(prefix, np.char.zfill(np.arange(n).astype(str), 7)).astype(object)


def _table(table: str, **columns: Any) -> pa.Table:
    schema = INPUT_TABLES[table].arrow
    rows = len(next(iter(columns.values())))
    arrays = [pa.array(columns.get(f.name, [None] * rows), f.type) for f in schema]
    return pa.table(arrays, schema=schema)


def measure(n_claims: int) -> tuple[float, float, float, float, int, int]:
    """Seconds of ties and of rings, processor seconds of both, peak gigabytes, ties, rings."""
    for tables in (market(3_000), market(n_claims)):
        begin, cpu = time.perf_counter(), time.process_time()
        ties = graph.build_ties(tables, GraphSettings())
        tied = time.perf_counter()
        found = rings.find(ties, tables["claims"], RingSettings())
        end, cpu = time.perf_counter(), time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return tied - begin, end - tied, cpu, peak, ties.num_rows, found.rings.num_rows


def main(sizes: tuple[int, ...] = SIZES) -> None:
    print("| claims | ties s | rings s | both s | processor s | peak GB | ties | rings shown |")
    print("|---|---|---|---|---|---|---|---|")
    seconds = []
    for n in sizes:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.rings_scale", "one", str(n)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        a, b, cpu, peak, ties, shown = (float(x) for x in done.stdout.split())
        seconds.append(cpu)
        print(f"| {n:,} | {a:.1f} | {b:.1f} | {a + b:.1f} | {cpu:.1f} | {peak:.2f} | {ties:,.0f} | {shown:.0f} |",
              flush=True)  # fmt: skip
    for n, m, s, t in zip(sizes, sizes[1:], seconds, seconds[1:], strict=False):
        print(f"exponent {n:,} to {m:,}: {math.log(t / s) / math.log(m / n):.2f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["one"]:
        print(*measure(int(sys.argv[2])))
    else:
        main(*([tuple(int(a) for a in sys.argv[1:])] if len(sys.argv) > 1 else []))
