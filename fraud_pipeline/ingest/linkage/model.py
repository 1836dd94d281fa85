"""How much each agreement weighs: a Fellegi-Sunter model, run by Splink on DuckDB.

Weights are set, not learned: a bureau has a few dozen doubtful records, too few to learn
from, and a reviewer has to be able to look a weight up. m is how often records of one
party agree so, u how often records of two parties do. A phone, address, person or account
that several parties share (a bookkeeper, an incubator, a namesake) weighs little or nothing.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fraud_pipeline.ingest.linkage.records import SHARED

RARE, FEW = 2, 6  # different names that share a value: up to here it says much, or something
_NAME = (
    ("the same name", "name_l = name_r", 0.50, 2e-5),
    (
        "the same name but for place and legal form",
        "core_l = core_r AND branch_l = branch_r",
        0.28,
        1e-4,
    ),
    (
        "a similar name",
        "jaro_winkler_similarity(core_l, core_r) >= 0.88 AND numbers_l = numbers_r",
        0.17,
        4e-3,
    ),
)
_PLACE_MORE = (
    ("the same building", "building_l = building_r AND building_l <> place_l", 0.18, 1.5e-2),
)
# column -> (m, u) of agreement on a value that is rare, shared by few, shared by many
_SHARED_WEIGHTS = {
    "account": ((0.62, 1e-7), (0.05, 1e-4), (0.01, 1e-2)),
    "phone": ((0.50, 1e-5), (0.08, 1e-3), (0.06, 3e-2)),
    "person": ((0.70, 4e-4), (0.10, 3e-3), (0.05, 2e-2)),
    "place": ((0.45, 5e-5), (0.08, 2e-3), (0.08, 3e-2)),
}
_WORDS = {
    "account": "bank account",
    "phone": "telephone",
    "person": "legal representative",
    "place": "address",
}
# Two records are compared when they agree on one of these; both with valid codes never are.
_BLOCKS = ("name", "core", "account", "phone", "place", "person")
_OPEN = "NOT (l.coded AND r.coded)"


def candidates(records: pa.Table) -> list[dict[str, Any]]:
    """Pairs of records that agree on something, with their probability of being one party.

    Each has ``record_l``, ``record_r``, ``match_probability``, ``match_weight`` (bits) and for
    each comparison ``gamma_<comparison>``: the level of agreement, -1 where something is unknown.
    """
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415 - slow to import

    api = DuckDBAPI(":memory:")
    for setting in (
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "enable_external_access",
        "enable_progress_bar",
    ):
        api.duckdb_con.execute(f"SET {setting} = false")
    api.duckdb_con.execute("SET threads = 1")  # the same pairs in the same order every time
    comparisons: list[Any] = [_comparison("name", [*_NAME], "a different name")]
    comparisons += [_shared(column) for column in _SHARED_WEIGHTS]
    rules: list[Any] = []
    for column in _BLOCKS:
        rule = block_on(column).create_blocking_rule_dict("duckdb")
        rules.append({**rule, "blocking_rule": f"({rule['blocking_rule']}) AND {_OPEN}"})
    rules.append(
        {
            "blocking_rule": f"substr(l.core, 1, 2) = substr(r.core, 1, 2) AND {_OPEN}",
            "sql_dialect": "duckdb",
        }
    )
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="record", comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=1 / max(300, 3 * records.num_rows),
        retain_matching_columns=True, retain_intermediate_calculation_columns=True, linker_uid="parties",
    )  # fmt: skip
    linker = Linker(
        api.register(with_sharing(records)), settings, log_level=None, validate_settings=False
    )
    predictions = linker.inference.predict(warning_mode="never")
    return sorted(predictions.as_record_list(), key=lambda p: (p["record_l"], p["record_r"]))


def with_sharing(records: pa.Table) -> pa.Table:
    """``records`` with ``<column>_n``: how many different names share each value."""
    table = records
    cores = records["core"].to_pylist()
    for column in SHARED:
        values = records[column].to_pylist()
        users: dict[str, set[str]] = {}
        for value, core in zip(values, cores, strict=True):
            if value is not None:
                users.setdefault(value, set()).add(core or "")
        counts = [len(users[v]) if v is not None else 0 for v in values]
        table = table.append_column(f"{column}_n", pa.array(counts, pa.int32()))
    return table


def _shared(column: str) -> dict[str, Any]:
    word, same = _WORDS[column], f"{column}_l = {column}_r"
    weights = _SHARED_WEIGHTS[column]
    levels = [
        (f"the same {word}", f"{same} AND {column}_n_l <= {RARE}", *weights[0]),
        (f"the same {word}, shared by a few", f"{same} AND {column}_n_l <= {FEW}", *weights[1]),
        (f"the same {word}, shared by many", same, *weights[2]),
    ]
    if column == "place":
        levels += _PLACE_MORE
    return _comparison(column, levels, f"a different {word}")


def _comparison(
    column: str, levels: list[tuple[str, str, float, float]], other: str
) -> dict[str, Any]:
    rest_m = 1 - sum(m for _, _, m, _ in levels)
    rest_u = 1 - sum(u for _, _, _, u in levels)
    unknown = {"sql_condition": f"{column}_l IS NULL OR {column}_r IS NULL", "label_for_charts": "unknown",
               "is_null_level": True}  # fmt: skip
    known = [{"sql_condition": c, "label_for_charts": label, "m_probability": m, "u_probability": u}
             for label, c, m, u in levels]  # fmt: skip
    last = {
        "sql_condition": "ELSE",
        "label_for_charts": other,
        "m_probability": rest_m,
        "u_probability": rest_u,
    }
    return {"output_column_name": column, "comparison_levels": [unknown, *known, last]}


def label(column: str, gamma: int) -> str:
    """The words of a level of agreement, as ``gamma_<column>`` numbers it.

    >>> label("name", 3), label("phone", 0), label("phone", -1)
    ('the same name', 'a different telephone', 'unknown')
    """
    comparison = (
        _shared(column)
        if column in _SHARED_WEIGHTS
        else _comparison("name", [*_NAME], "a different name")
    )
    levels = comparison["comparison_levels"]
    return str(levels[0 if gamma < 0 else len(levels) - 1 - gamma]["label_for_charts"])


COMPARED = ("name", *_SHARED_WEIGHTS)
