"""The clerk's report: what came in, what was put right, what has to go back, what cannot be checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.ingest.sendback import to_send_back
from fraud_pipeline.ingest.validity import identifier_counts
from fraud_pipeline.ingest.wording import HARMLESS_WORDS, REASONS, REPAIRS, printable
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.loaded import Loaded

_NOTES, _FILES, _PLACES = 12, 8, 4
_IDENTIFIERS = {
    "credit_code": "统一社会信用代码 credit codes", "old_number": "15位注册号 15-digit numbers",
    "org_code": "组织机构代码 organisation codes", "patent": "专利申请号 patent numbers",
    "patent_type": "专利类型 patent types", "invoice": "发票号码 invoice numbers",
}  # fmt: skip


def clerk_report(loaded: Loaded, switched_off: Mapping[str, Sequence[str]]) -> str:
    """The report of one load in at most a screen or two.

    ``switched_off``: for each table of the contract the names of the checks that cannot be made
    without it.
    """
    lines = [*_overall(loaded), "", *_tables(loaded)]
    lines += ["", *_repairs(loaded), "", *_set_aside(loaded), "", *_send_back(loaded)]
    lines += ["", *_identifiers(loaded)]
    missing = [n for n in INPUT_TABLES if not loaded.tables.supplied(n) and switched_off.get(n)]
    if missing:
        lines += ["", "未提供的表，因此不做的检查 tables not supplied, checks that fall away:"]
        lines += [f"  {INPUT_TABLES[n].zh} {n}: {'、'.join(switched_off[n])}" for n in missing]
    notes = _grouped(loaded.notes)
    if notes:
        lines += ["", "备注 notes:", *(f"  {n}" for n in notes[:_NOTES])]
        more = len(notes) - _NOTES
        lines += [f"  …另有 {more} 条 and {more} more"] if more > 0 else []
    return "\n".join(printable(line) for line in lines)


def _grouped(notes: Sequence[str]) -> list[str]:
    """One line for what is said of several files: the remark, then where."""
    places: dict[str, list[str]] = {}
    for note in notes:
        place, mark, remark = note.partition(": ")
        places.setdefault(remark if mark else note, []).append(place if mark else "")
    lines = []
    for remark, where in places.items():
        more = f" …+{len(where) - _PLACES}" if len(where) > _PLACES else ""
        lines.append(f"{remark}: {'; '.join(where[:_PLACES])}{more}" if where[0] else remark)
    return lines


def _overall(loaded: Loaded) -> list[str]:
    accounts = loaded.accounts.values()
    came, clean = sum(a.rows_in for a in accounts), sum(a.rows_clean for a in accounts)
    aside = sum(a.rows_quarantined for a in accounts)
    return [
        f"读入 {came:,} 行 = 可用 {clean:,} + 隔离 {aside:,}；修复 {loaded.repairs.num_rows:,} 处",
        f"{came:,} rows in = {clean:,} clean + {aside:,} set aside; {loaded.repairs.num_rows:,} cells repaired",
    ]


def _tables(loaded: Loaded) -> list[str]:
    titles = "".join(_wide(t, 12, right=True) for t in ("读入 in", "可用 clean", "隔离 aside"))
    lines = [_wide("表 table", 24) + titles]
    for name, account in loaded.accounts.items():
        title = _wide(f"{INPUT_TABLES[name].zh} {name}", 24)
        lines.append(
            f"{title}{account.rows_in:>12,}{account.rows_clean:>12,}{account.rows_quarantined:>12,}"
        )
    return lines


def _wide(text: str, width: int, right: bool = False) -> str:
    """``text`` padded to ``width`` columns of a terminal, in which a Chinese character takes two."""
    width_used = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    gap = " " * max(1, width - width_used)
    return gap + text if right else text + gap


def _counted(values: pa.ChunkedArray) -> list[tuple[str, int]]:
    counts = pc.value_counts(values).to_pylist()
    return sorted(((c["values"], c["counts"]) for c in counts), key=lambda c: (-c[1], c[0]))


def _repairs(loaded: Loaded) -> list[str]:
    lines = ["已自动修复 repaired, with the text before and after kept:"]
    for kind, n in _counted(loaded.repairs["kind"]):
        zh, en = REPAIRS.get(kind, (kind, kind))
        lines.append(f"  {n:>8,}  {zh} {en}")
    return lines if len(lines) > 1 else [lines[0], "         —"]


def _set_aside(loaded: Loaded) -> list[str]:
    """Every entry of the quarantine by reason, those first that need somebody's work."""
    lines = ["隔离 set aside, by reason:"]
    counted = _counted(loaded.quarantine["reason_code"])
    for harmless in (False, True):
        for reason, n in counted:
            if (reason in HARMLESS_WORDS) is harmless:
                zh, en = (HARMLESS_WORDS.get(reason) or REASONS.get(reason, (reason, reason, "")))[
                    :2
                ]
                lines.append(f"  {n:>8,}  {zh} {en}")
    return lines if len(lines) > 1 else [lines[0], "         —"]


def _send_back(loaded: Loaded) -> list[str]:
    entries = to_send_back(loaded)
    places = entries.group_by(["file", "sheet", "row"]).aggregate([]).num_rows
    lines = [f"退回申请人 to send back: {entries.num_rows:,} 处 cells, {places:,} 行 rows"]
    files = _counted(entries["file"])
    lines += [f"  {n:>8,}  {file}" for file, n in files[:_FILES]]
    if len(files) > _FILES:
        rest = sum(n for _, n in files[_FILES:])
        lines.append(
            f"  {rest:>8,}  其余 {len(files) - _FILES} 个文件 in {len(files) - _FILES} more files"
        )
    return lines


def _identifiers(loaded: Loaded) -> list[str]:
    counts = (
        identifier_counts(loaded.tables)
        .group_by("kind")
        .aggregate([("valid", "sum"), ("invalid", "sum")])
    )
    n_repaired = pc.sum(pc.equal(loaded.repairs["kind"], "lookalike_letter")).as_py() or 0
    lines = [f"识别码 identifiers (形近字母修复 look-alike letters repaired: {n_repaired:,}):"]
    for row in sorted(counts.to_pylist(), key=lambda r: r["kind"]):
        lines.append(
            f"  {_wide(_IDENTIFIERS[row['kind']], 36)}有效 valid {row['valid_sum']:>7,}  "
            f"无效 invalid {row['invalid_sum']:>5,}"
        )
    if any(row["kind"] == "credit_code" and row["invalid_sum"] for row in counts.to_pylist()):
        lines.append(
            "  代码有误或缺失的主体 parties without a valid code: fraud-pipeline parties --data …"
        )
    return lines if len(lines) > 1 else [lines[0], "         —"]
