"""Behind ``parties``: who is who where codes are missing, and the list for a person to decide."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import xlsxwriter

from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import runner
from fraud_pipeline.ingest import linkage, parse_mapping, stems
from fraud_pipeline.ingest.linkage import Linked
from fraud_pipeline.ingest.mapping import SourceMapping
from fraud_pipeline.ingest.registers import rows_without_code
from fraud_pipeline.ingest.wording import printable
from fraud_pipeline.programmes import Pack
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.programmes.own_kinds import own_kinds_of
from fraud_pipeline.schema.loaded import Loaded
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings, Settings
from fraud_pipeline.store import files, places
from fraud_pipeline.store.sources import open_sources
from fraud_pipeline.vocabulary.messages import t

_SHOWN = 10
_HEADER = ("甲 one", "名称 name", "位置 where", "乙 other", "名称 name", "位置 where", "概率 probability",
           "相同之处 evidence", "不同之处 against", "您的判断 your decision")  # fmt: skip


def of_request(request: runner.Request, settings: Settings, packs: Mapping[str, Pack]) -> Linked:
    """Loads what a request names and links its parties."""
    loaded = runner.load(request, settings, currencies_of(packs), own_kinds_of(packs))
    mapping = None
    if request.mapping is not None:
        mapping = parse_mapping(
            files.read_text(request.mapping, "the mapping file"), str(request.mapping)
        )
    sources = open_sources(places.source_address(request.data), stems(mapping))
    return who_is_who(loaded, sources, settings.ingest, mapping)


def who_is_who(
    loaded: Loaded, sources: list[Source], settings: IngestSettings, mapping: SourceMapping | None
) -> Linked:
    """Links the parties of a load, with the register rows that have no code at all."""
    without = rows_without_code(sources, settings, mapping)
    tables = dict(loaded.tables)
    if linkage.nothing_to_link(tables) and not any(t.num_rows for t in without.values()):
        return linkage.link(linkage.RECORDS.empty_table())
    for name, rows in without.items():
        tables[name] = pa.concat_tables([tables[name], rows])
    return linkage.link(linkage.records_of(tables))


def report(linked: Linked) -> Report:
    """What was linked and what is left to a person."""
    same, undecided = linked.of("same"), linked.of("undecided")
    facts = {"without_code": linked.n_without_code, "same": same, "undecided": undecided}
    if not linked.n_without_code:
        return Report(t("parties.nothing"), facts)
    lines = [
        t("parties.without_code", n=linked.n_without_code),
        t("parties.counts", same=len(same), undecided=len(undecided)),
    ]
    for title, pairs in ((t("parties.same"), same), (t("parties.undecided"), undecided)):
        lines += ["", title, *(line for pair in pairs[:_SHOWN] for line in _lines(pair))]
        if len(pairs) > _SHOWN:
            lines.append(t("parties.more", n=len(pairs) - _SHOWN))
    return Report("\n".join(printable(line) for line in lines), facts)


def _lines(pair: dict[str, Any]) -> list[str]:
    left, right = (
        f"{pair[s + '_name']} [{pair[s + '_id'] or t('parties.no_code')}]"
        for s in ("left", "right")
    )
    against = t("parties.but", against=pair["against"]) if pair["against"] else ""
    return [
        f"  {left} = {right}? ({pair['probability']:.3f})",
        f"      {pair['evidence'] or '—'}{against}",
    ]


def write_list(linked: Linked, to: Path) -> None:
    """Both lists as one XLSX file, every cell text, with a column for the person's decision."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF4"})
        text = book.add_format({"num_format": "@", "quote_prefix": True})
        for title, pairs in (("待判断", linked.of("undecided")), ("同一主体", linked.of("same"))):
            sheet = book.add_worksheet(title)
            sheet.freeze_panes(1, 0)
            for at, (word, width) in enumerate(
                zip(_HEADER, (22, 34, 26, 22, 34, 26, 12, 60, 50, 16), strict=True)
            ):
                sheet.set_column(at, at, width)
                sheet.write_string(0, at, word, bold)
            for number, p in enumerate(pairs, start=1):
                cells = (p["left_id"], p["left_name"], p["left_place"], p["right_id"], p["right_name"],
                         p["right_place"], f"{p['probability']:.4f}", p["evidence"], p["against"])  # fmt: skip
                for at, cell in enumerate(cells):
                    sheet.write_string(number, at, printable(cell or ""), text)
    files.write_bytes(to, out.getvalue())
