"""The nightly work as a competent analyst would write it: pandas, networkx, scikit-learn.

The same evidence steps as the product, vectorised where pandas can: read and type, dated
checks of limits and paper, reused texts, who shares what with whom, dense groups, each price
against its market, what went before each claim, one score, reasons, a sample by risk. No
significance, no dated law, no row accounting, no lineage: it does less than the product and is a
yardstick for time and memory; :mod:`benchmarks._full_script` gives all kinds of answers.
Run as ``python -m benchmarks._plain_script DIR OUT.json``.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.ensemble import IsolationForest

from benchmarks._plain_ties import Frames, rings, texts_alike, tie_rows, ties

STEPS: dict[str, float] = {}


@contextlib.contextmanager
def timed(name: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    STEPS[name] = round(time.perf_counter() - begun, 3)


ANSWERS = ("truth", "roles", "lookalikes")  # what was planted: no input


def read(folder: Path) -> Frames:
    """Every table of the folder, dates and numbers typed, from Parquet or from CSV."""
    frames = {}
    for path in sorted(folder.glob("*.parquet")):
        if path.stem not in ANSWERS:
            table = pq.read_table(path)
            exact = [pa.types.is_decimal(field.type) for field in table.schema]
            table = table.cast(pa.schema([
                field.with_type(pa.float64()) if wide else field
                for field, wide in zip(table.schema, exact, strict=True)
            ]))  # fmt: skip
            frames[path.stem] = table.to_pandas(date_as_object=False)
    for path in sorted(folder.glob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
        for column in frame.columns:
            if column.endswith("_on") or column in ("valid_from", "valid_to"):
                frame[column] = pd.to_datetime(frame[column], errors="coerce")
            elif column in ("confirmed_at",):
                frame[column] = pd.to_datetime(frame[column], errors="coerce", utc=True)
            elif column.endswith("amount") or column in (
                "quantity", "face_value", "low", "reference", "high", "voucher_used", "employees",
                "rd_employees", "annual_revenue", "staff", "share", "inclusion_prob", "tax_rate",
            ):  # fmt: skip
                frame[column] = pd.to_numeric(frame[column], errors="coerce")
        key = frame.columns[0]
        frames[path.stem] = frame.drop_duplicates(key) if path.stem == "claims" else frame
    return frames


def rules(f: Frames) -> pd.DataFrame:
    """One column a check, NaN = cannot be judged."""
    claims = f["claims"].sort_values(["submitted_on", "claim_id"])
    year = claims["submitted_on"].dt.year
    c = claims.merge(f["vouchers"].drop(columns=["programme"]), on="voucher_id", how="left",
                     suffixes=("", "_voucher"))  # fmt: skip
    c = c.merge(f["contracts"].add_prefix("k_"), left_on="contract_id", right_on="k_contract_id",
                how="left")  # fmt: skip
    c.index = claims.index
    hits = pd.DataFrame({"claim_id": claims["claim_id"]})
    spent = claims.groupby([claims["enterprise_id"], year])["claimed_amount"].cumsum()
    hits["over_cap"] = spent > 200_000
    hits["over_share"] = c["voucher_used"] > 0.5 * c["contract_amount"]
    hits["after_expiry"] = c["submitted_on"] > c["expires_on"]
    hits["not_the_holder"] = c["enterprise_id_voucher"].ne(c["enterprise_id"])
    hits["claimed_over_contract"] = c["claimed_amount"] > c["contract_amount"]
    hits["before_contract"] = c["submitted_on"] < c["k_signed_on"]
    hits["other_amount"] = (c["k_amount"] - c["contract_amount"]).abs() > 0.01
    hits["other_parties"] = c["k_institution_id"].ne(c["institution_id"])
    invoices = f["invoices"]
    reused = (
        invoices.groupby(["invoice_code", "invoice_no"])["contract_id"].transform("nunique") > 1
    )
    void = invoices["status"].ne("正常")
    marked = (
        invoices.assign(reused=reused, void=void).groupby("contract_id")[["reused", "void"]].any()
    )
    paper = marked.reindex(claims["contract_id"])
    hits["invoice_reused"], hits["invoice_void"] = (
        paper["reused"].to_numpy(),
        paper["void"].to_numpy(),
    )
    first = invoices.groupby("contract_id")["issued_on"].min().reindex(claims["contract_id"])
    hits["invoice_first"] = first.to_numpy() < c["k_signed_on"].to_numpy()
    payments = f["payments"].merge(
        f["contracts"][["contract_id", "enterprise_id"]], on="contract_id"
    )
    back = payments[payments["payee_id"] == payments["enterprise_id"]]
    hits["money_back"] = claims["contract_id"].isin(back["contract_id"])
    given = f["deliverables"].dropna(subset=["reference_no"])
    twice = given[given.duplicated("reference_no", keep=False)]["claim_id"]
    hits["report_reused"] = claims["claim_id"].isin(twice)
    key = ["enterprise_id", "institution_id", "service_type", "contract_amount"]
    hits["duplicate"] = claims.duplicated(key, keep=False)
    hits["split"] = claims.groupby(["enterprise_id", "institution_id", "submitted_on"])[
        "claim_id"].transform("count") > 2  # fmt: skip
    hits["text_reused"] = texts_alike(claims)
    barred = f["sanctions"].merge(claims, left_on="party_id", right_on="institution_id")
    barred = barred[(barred["submitted_on"] >= barred["starts_on"])
                    & ~(barred["submitted_on"] > barred["ends_on"])]  # fmt: skip
    hits["barred"] = claims["claim_id"].isin(barred["claim_id"])
    firms = f["enterprises"].set_index("enterprise_id").reindex(claims["enterprise_id"])
    hits["new_firm"] = (claims["submitted_on"].to_numpy() - firms["founded_on"].to_numpy()
                        ) < np.timedelta64(180, "D")  # fmt: skip
    hits["no_staff"] = (firms["employees"] < 3).to_numpy()
    hits["weekend"] = claims["confirmed_at"].dt.day_of_week.ge(5)
    return hits.set_index("claim_id")


def prices(f: Frames) -> pd.DataFrame:
    """Each unit price against the median and spread of its service over the year before."""
    c = f["claims"].assign(price=lambda t: t["contract_amount"] / t["quantity"])
    c = c[c["price"] > 0].sort_values("submitted_on")
    c["log"] = np.log(c["price"])
    parts = []
    for _, group in c.groupby(["service_type", "unit"]):
        rolled = group.set_index("submitted_on")["log"].rolling(
            "1095D", min_periods=5, closed="left"
        )
        low, mid, high = (rolled.quantile(q).to_numpy() for q in (0.25, 0.5, 0.75))
        spread = np.maximum((high - low) / 1.349, 0.05)
        parts.append(pd.DataFrame({"claim_id": group["claim_id"].to_numpy(),
                                   "price_z": (group["log"].to_numpy() - mid) / spread,
                                   "price_ratio": np.exp(group["log"].to_numpy() - mid)}))  # fmt: skip
    return pd.concat(parts).set_index("claim_id")


def behaviour(f: Frames) -> pd.DataFrame:
    """Counts and sums of what the parties did before, and how unusual all of it is."""
    c = f["claims"].sort_values(["submitted_on", "claim_id"]).reset_index(drop=True)
    out = pd.DataFrame({"claim_id": c["claim_id"]})
    for name, key in (("enterprise", ["enterprise_id"]), ("institution", ["institution_id"]),
                      ("pair", ["enterprise_id", "institution_id"])):  # fmt: skip
        ordered = c.sort_values([*key, "submitted_on"], kind="stable")
        grouped = ordered.set_index("submitted_on").groupby(key)["claimed_amount"]
        place = ordered.index.to_numpy()
        for window in ("30D", "90D", "365D"):
            rolled = grouped.rolling(window, closed="left")
            for what, values in (("n", rolled.count()), ("sum", rolled.sum())):
                column = np.empty(len(c))
                column[place] = values.to_numpy()
                out[f"{name}_{what}_{window}"] = column
    out["first_deal"] = ~c.duplicated(["enterprise_id", "institution_id"])
    firms = f["enterprises"].set_index("enterprise_id").reindex(c["enterprise_id"])
    out["per_employee"] = c["quantity"].to_numpy() / firms["employees"].to_numpy()
    out["to_revenue"] = c["contract_amount"].to_numpy() / firms["annual_revenue"].to_numpy()
    out["service_days"] = (c["service_end_on"] - c["service_start_on"]).dt.days
    out = out.set_index("claim_id")
    filled = out.astype(float).replace([np.inf, -np.inf], np.nan).fillna(-1.0)
    forest = IsolationForest(n_estimators=200, random_state=7).fit(filled)
    out["outlying"] = -forest.score_samples(filled)
    return out


def ranked(f: Frames, hits: pd.DataFrame, dear: pd.DataFrame, ring: pd.Series,
           past: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    """A weighted score, its parts, the most money at risk first."""
    c = f["claims"].set_index("claim_id")
    parts = pd.DataFrame({
        "rules": hits.reindex(c.index).fillna(False).astype(float).sum(axis=1),
        "price": dear["price_z"].reindex(c.index).clip(0, 6).fillna(0) / 2,
        "ring": np.minimum(c["enterprise_id"].map(ring).fillna(0), c["institution_id"].map(ring).fillna(0)),
        "behaviour": past["outlying"].reindex(c.index).rank(pct=True) ** 4,
    })  # fmt: skip
    log_odds = parts @ np.array([0.8, 1.0, 1.2, 1.0]) - 4.0
    risk = 1 / (1 + np.exp(-log_odds))
    table = parts.assign(log_odds=log_odds, risk=risk, expected_loss=risk * c["claimed_amount"])
    done = f["outcomes"]
    table = table[~table.index.isin(done.loc[done["verdict"] != "undetermined", "claim_id"])]
    return table.sort_values("expected_loss", ascending=False)


def plan(table: pd.DataFrame) -> pd.DataFrame:
    """A tenth of the list with probability in proportion to the expected loss."""
    n = max(1, len(table) // 10)
    pi = np.minimum(1.0, 0.05 + n * table["expected_loss"] / table["expected_loss"].sum())
    drawn = np.random.default_rng(1).random(len(table)) < pi
    return table[drawn].assign(inclusion_prob=pi[drawn])


def reasons(table: pd.DataFrame, hits: pd.DataFrame) -> pd.Series:
    """A sentence for the first tenth: the checks that fired and the greatest part."""
    top = table.head(len(table) // 10)
    fired = hits.reindex(top.index).fillna(False)
    named = fired.dot(fired.columns + "; ")
    return named + top[["rules", "price", "ring", "behaviour"]].idxmax(axis=1)


def main() -> None:
    begun = time.perf_counter()
    with timed("ingest"):
        f = read(Path(sys.argv[1]))
    with timed("rules"):
        hits = rules(f)
    with timed("graph"):
        tied = ties(tie_rows(f))
    with timed("rings"):
        ring = rings(f, tied)
    with timed("prices"):
        dear = prices(f)
    with timed("behaviour"):
        past = behaviour(f)
    with timed("score"):
        table = ranked(f, hits, dear, ring, past)
    with timed("plan"):
        sample = plan(table)
    with timed("explain"):
        said = reasons(table, hits)
    with timed("publish"):
        out = Path(sys.argv[2])
        for name, frame in {
            "ranked": table,
            "hits": hits,
            "plan": sample,
            "reasons": said.to_frame("said"),
        }.items():
            frame.to_parquet(out.with_name(f"{out.stem}-{name}.parquet"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {
        "steps": STEPS,
        "seconds": time.perf_counter() - begun,
        "peak_mb": peak,
        "claims": len(hits),
    }
    out.write_text(json.dumps(told))
    print(json.dumps(told))


if __name__ == "__main__":
    main()
