"""Drafts for public notices of voucher claims: parties by name only, one day for the whole list.

A notice (公示名单) prints who claims, whose service and how much; codes and days of application
are not published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pyarrow.compute as pc

from fraud_pipeline.ingest import headers
from fraud_pipeline.ingest.grids import Grid

_ENTERPRISES = (
    "企业名称", "申报企业", "申请企业", "申领企业", "领券企业", "用券企业", "使用企业", "兑现企业", "兑付企业", "受助企业",
    "申请单位", "申报单位", "申领单位", "用券单位", "企业", "单位名称", "公司名称",
)  # fmt: skip
_INSTITUTIONS = (
    "服务机构", "收券机构", "服务单位", "服务提供机构", "服务提供单位", "承接机构", "服务商", "服务方", "创新服务机构", "机构名称",
    "接券机构", "提供服务机构",
)  # fmt: skip
_MOST_DIGITS = 0.5  # of a column's words that may bear digits where it holds names
_DAY = re.compile(r"(20\d{2})\s*[年./-]\s*(\d{1,2})\s*(?:[月./-]|$)", re.ASCII)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)", re.ASCII)


def parties_by_name(grid: Grid, matches: Mapping[str, tuple[str, float]]) -> dict[str, str]:
    """The columns of names of both parties of a claim: column -> header; empty unless both are there.

    A column of codes that was placed goes first. ``matches``: what was placed, column -> (header, how sure).
    """
    placed = {"enterprise_id": _header_of(grid.header, _ENTERPRISES), "institution_id": _header_of(grid.header, _INSTITUTIONS)}  # fmt: skip
    if not all(placed.values()) or placed["enterprise_id"] == placed["institution_id"]:
        return {}
    by_code = {name for name, (header, _) in matches.items() if _is_code(header)}
    return {name: header for name, header in placed.items() if name not in by_code}


def _header_of(header: Sequence[str], words: Sequence[str]) -> str:
    """The header that is one of the words, the first word first, with or without 名称."""
    by_name = {headers.simple(h).removesuffix("名称"): h for h in reversed(header) if h.strip()}
    return next((by_name[w] for w in (w.removesuffix("名称") for w in words) if w in by_name), "")


def _is_code(header: str) -> bool:
    return any(word in header for word in ("代码", "税号", "识别号", "编号"))


def month_of_list(grid: Grid) -> str:
    """The month (2023-09) that a line under the list, its sheet or its file names; else a year's last; else empty."""
    texts = [word for cells in grid.columns for word in _lines(cells.words)]
    for text in (*reversed(texts), grid.sheet or "", grid.file):
        match = _DAY.search(text)
        if match and 1 <= int(match[2]) <= 12:
            return f"{match[1]}-{int(match[2]):02d}"
    years = [m[1] for text in (grid.sheet or "", grid.file, *texts) if (m := _YEAR.search(text))]
    return f"{years[0]}-12" if years else ""


def _lines(words: object) -> list[str]:
    """The words of a column that are days written out, as under a notice."""
    return pc.array_filter(
        words, pc.match_substring_regex(words, r"^\s*20[0-9]{2}\s*[年./-]\s*[0-9]{1,2}\s*[月./-]\s*[0-9]{1,2}\s*日?\s*$")
    ).to_pylist()  # fmt: skip
