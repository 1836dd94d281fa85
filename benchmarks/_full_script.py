"""The night's answers, all kinds of them, as a competent analyst would write them in pandas.

Unlike :mod:`benchmarks._plain_script` this one gives what the product gives: every rule with an
answer and a sentence, rings with p- and q-values after a search repeated on chance worlds, prices
as of the claim's day without the claim's own parties, near-duplicate texts across institutions,
a model with exact contributions, sentences in two languages, a sample of fixed size with its
probabilities, an estimate. Left out: other programmes and dated law, repairs and quarantine of bad
rows, identity of a ring over nights, risk intervals, lineage, hashes, the replay. Run as
``python -m benchmarks._full_script DIR OUT.json [--search tied|louvain] [--ring-seconds 240]``.

``louvain`` is the networkx search of the plain script; ``tied`` a leaner one that an analyst
with a night to save would write: firms tied *and* at one institution, joined into components.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import _full_model as model
from benchmarks import _plain_script as plain
from benchmarks._full_prices import prices
from benchmarks._full_rings import SEARCHES, rings, web_of
from benchmarks._full_rules import judge
from benchmarks._full_sheet import near_texts
from benchmarks._plain_script import STEPS, timed
from benchmarks._plain_ties import Frames, tie_rows, ties


def asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks._full_script")
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--search", choices=sorted(SEARCHES), default="tied")
    parser.add_argument("--ring-seconds", type=float, default=240.0)
    return parser.parse_args()


def night(f: Frames, given: argparse.Namespace) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Every step in its order; the tables by name, and what is told of the chance worlds."""
    with timed("texts"):
        near = near_texts(f)
    with timed("rules"):
        sheet = judge(f, near)
        answers = sheet.long()
    with timed("graph"):
        rows = tie_rows(f)
        tied = ties(rows)
        web = web_of(f, tied)
    with timed("rings"):
        ring = rings(f, rows, web, given.search, given.ring_seconds)
    with timed("prices"):
        sure = ring["rings"].loc[ring["rings"]["p_value"] <= 0.05, "ring"]
        dear = prices(f, ring["claims"].loc[ring["claims"]["ring"].isin(sure), "claim_id"])
    with timed("features"):
        x = model.features(f, sheet, dear, ring, tied, near)
    with timed("score"):
        table, parts = model.scored(f, sheet, x)
        kinds = model.typologies(answers, dear)
    with timed("plan"):
        plan, frame = model.sampled(table)
        estimate = model.estimated(f)
    with timed("explain"):
        said = model.explained(x, parts, table, plan)
    tables = {"rule_results": answers, "near_texts": near, "ties": rows, "rings": ring["rings"],
              "ring_members": ring["members"], "ring_claims": ring["claims"],
              "ring_evidence": ring["evidence"], "price_results": dear, "features": x,
              "contributions": parts, "ranked_claims": table, "typology_scores": kinds,
              "audit_plan": plan, "audit_frame": frame, "estimates": estimate,
              "explanations": said}  # fmt: skip
    return tables, ring["told"]


def main() -> None:
    given, begun = asked(), time.perf_counter()
    with timed("ingest"):
        f = plain.read(given.data)
    tables, told = night(f, given)
    with timed("publish"):
        for name, frame in tables.items():
            frame.to_parquet(given.out.with_name(f"{given.out.stem}-{name}.parquet"))
        page = tables["ranked_claims"].head(200).to_html()
        given.out.with_name(f"{given.out.stem}-report.html").write_text(page, encoding="utf-8")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"steps": STEPS, "seconds": time.perf_counter() - begun, "peak_mb": peak, "search": given.search,
            "claims": len(f["claims"]), "rows": {name: len(t) for name, t in tables.items()}, **told}  # fmt: skip
    given.out.write_text(json.dumps(told, indent=1), encoding="utf-8")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
