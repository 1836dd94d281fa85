"""The draft of a mapping as TOML that can be used as it is, with comments where to look."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow.compute as pc

from fraud_pipeline.ingest.date_order import DAY_FIRST, MONTH_FIRST
from fraud_pipeline.ingest.mapping_checks import fits_template
from fraud_pipeline.ingest.suggest import SURE, Draft, sample_of
from fraud_pipeline.ingest.suggest_constants import constants_of
from fraud_pipeline.ingest.suggest_content import is_unique
from fraud_pipeline.ingest.suggest_languages import NEEDED_FOR
from fraud_pipeline.ingest.suggest_payments import as_payments
from fraud_pipeline.ingest.words import code_words
from fraud_pipeline.schema import INPUT_TABLES, Column, Kind

_STATES, _MOST_ROWS = 8, 200_000  # words of a column of states, and rows that are looked at
_VOID = frozenset(
    [
        "作废",
        "已作废",
        "作廢",
        "已作廢",
        "无效",
        "撤销",
        "已撤销",
        "void",
        "voided",
        "cancelled",
        "canceled",
        "reversed",
        "annulled",
        "storniert",
        "annulé",
        "annulée",
        "anulado",
        "anulada",
        "cancelado",
        "cancelada",
        "annullato",
        "annullata",
        "geannuleerd",
        "anulowany",
        "anulowana",
    ]
)
_GROUPED = 0.4  # of a column's cells are empty: its words stand once a group
_CHECK = "  # ? please check"


def as_toml(drafts: Sequence[Draft]) -> str:
    """The drafts as a mapping file that can be read as it is, with comments where to look."""
    if not drafts:
        return "# no table was recognised; see docs/ingest.md, mapping files\n"
    return "\n".join(_section(d) for d in drafts)


def _section(stated: Draft) -> str:
    one = as_payments(stated)
    schema = INPUT_TABLES[one.table]
    stem = one.grid.sheet or one.grid.file.rsplit(".", 1)[0]
    by_file = one.grid.file.rsplit(".", 1)[0]
    composed, constants = _composed(one), constants_of(one)
    placed = {n: c for n, c in one.columns.items() if n not in composed}
    lines = [f"# {schema.zh} from {_comment(one.grid.place)}", f"[tables.{one.table}]",
             f"file = {_quoted(by_file if one.grid.sheet is None or one.whole_file else stem)}"]  # fmt: skip
    if composed:
        composed_columns = ", ".join(f"{name} = {_quoted(text)}" for name, text in composed.items())
        lines.append(f"compose = {{ {composed_columns} }}  # no column names each row alone")
    lines += [
        *_forms(one),
        *_of_payments(one, stated),
        *_filled_down(one),
        *_only(one),
        "",
        f"[tables.{one.table}.columns]",
    ]
    for name, (header, sure) in placed.items():
        lines.append(f"{name} = {_quoted(header)}{'' if sure >= SURE else _CHECK}")
    for name in schema.required:
        if name not in (*placed, *composed, *constants) and not (
            name == "submitted_on" and one.payments and one.payments.month_of
        ):
            why = NEEDED_FOR.get(name, "") if one.table == "claims" else ""
            needed = f"; needed for {why}" if why else ""
            lines.append(
                f'# {name} = ""  # required ({schema.column(name).zh}), and not found{needed}'
            )
    used = {header for header, _ in placed.values()}
    unused = [h for h in one.grid.header if h.strip() and h not in used]
    lines += [f"# not used: {_comment(', '.join(unused))}"] if unused else []
    lines += _unread(one, unused)
    if constants:
        lines += ["", f"[tables.{one.table}.constants]"]
        lines += [f"{name} = {_quoted(value)}{note}" for name, (value, note) in constants.items()]
    for name in placed:
        lines += _values(one, schema.column(name))
    lines += _credits(one)
    return "\n".join(lines) + "\n"


def _composed(one: Draft) -> dict[str, str]:
    """A key made of the proposed column and the row, where that column repeats; a name as key."""
    schema = INPUT_TABLES[one.table]
    if not schema.key or schema.columns[0].name != schema.key[0]:
        return {}
    key = schema.key[0]
    header, _ = one.columns.get(key, ("", 0.0))
    if not header:
        name_header = one.columns.get("name", ("{", 0.0))[0]
        if one.table in ("enterprises", "institutions") and fits_template(name_header):
            return {key: f"{{{name_header}}}"}  # a stated key: the name
        return {key: _row(one)} if one.table in ("claims", "payments") else {}
    if one.table != "claims" or is_unique(one.grid.columns[one.grid.header.index(header)]):
        return {}
    return {key: f"{{{header}}}-{_row(one)}" if fits_template(header) else _row(one)}


def _row(one: Draft) -> str:
    """What names a row: its number, with the sheet where the list is in several."""
    return "{sheet}-{row}" if one.whole_file else "{row}"


def _forms(one: Draft) -> list[str]:
    """Lines about columns with two readings, as comments: a person says which one is meant."""
    schema, lines = INPUT_TABLES[one.table], []
    for name, (header, _) in one.columns.items():
        content, kind = one.contents.get(header), schema.column(name).kind
        if content is None:
            continue
        if kind in (Kind.DATE, Kind.INSTANT) and content.order.unclear:
            cell, first, second = content.order.unclear
            lines.append(f'# dates = {{ {name} = "{DAY_FIRST}" }}  # or "{MONTH_FIRST}": '
                         f"{_comment(cell)} can mean {first} or {second}")  # fmt: skip
        if kind is Kind.MONEY and content.decimal_unclear:
            cell = _comment(content.decimal_unclear)
            lines.append(f'# decimal = {{ {name} = "," }}  # or ".": {cell} has two readings')
        if kind is Kind.MONEY and len(content.currencies) == 1:
            lines.append(f"# amounts of {name} are in {content.currencies[0]}")
    return list(dict.fromkeys(lines))


def _of_payments(one: Draft, stated: Draft) -> list[str]:
    """What a plain list of payments needs beside its columns."""
    payments = one.payments
    if payments is None:
        return []
    lines = []
    if payments.month_of:
        lines.append(
            f"fallback = {{ submitted_on = {_quoted(payments.month_of)} }}  # {_known_of_the_day(payments.month_of)}"
        )
    if payments.credits:
        lines.append('signs = { "*" = "credits_negative" }  # amounts below zero are no claims')
    title = stated.columns.get("service_title", ("", 0.0))[0]
    if title:
        lines.append(f"# service_title = {_quoted(title)}: add it where a title names one kind of thing "
                     "whose prices can be compared")  # fmt: skip
    return lines


def _known_of_the_day(template: str) -> str:
    return (
        "a month, no day"
        if template.endswith("}")
        else "? a year only; rules that count days do not judge"
    )


def _filled_down(one: Draft) -> list[str]:
    """The line for parties that stand once, in the first row of their group."""
    labels = []
    for name in ("enterprise_id", "institution_id"):
        header, _ = one.columns.get(name, ("", 0.0))
        if header not in one.grid.header or not len(one.grid):
            continue
        cells = one.grid.columns[one.grid.header.index(header)]
        empty = cells.rows(cells.is_empty())
        if not empty[0] and empty.mean() >= _GROUPED:
            labels.append(_quoted(name))
    return [f"fill_down = [{', '.join(labels)}]{_CHECK}: it stands once a group"] if labels else []


def _only(one: Draft) -> list[str]:
    """The line that leaves out rows that were made void, where a column of few words says so."""
    used = {header for header, _ in one.columns.values()}
    for header, cells in zip(one.grid.header, one.grid.columns, strict=True):
        words = sorted(
            {w.strip() for w in pc.unique(cells.text(slice(0, _MOST_ROWS))).to_pylist()} - {""}
        )
        void = [word for word in words if word.lower() in _VOID]
        if one.table == "claims" and header not in used and void and len(words) <= _STATES:
            wanted = ", ".join(_quoted(word) for word in words if word not in void)
            note = f"{_CHECK}: {', '.join(void)} is left out"
            return [f"only = {{ {_quoted(header)} = [{wanted}] }}{note}"] if wanted else []
    return []


def _credits(one: Draft) -> list[str]:
    """The table of payments, which holds the credits, so that a payment taken back is no lead."""
    payments = one.payments
    if payments is None or not payments.credits or "date" not in payments.parts:
        return []
    parts = {n: payments.parts[p][0] for n, p in (("payer_id", "payer"), ("payee_id", "payee"),
             ("amount", "amount"), ("paid_on", "date")) if p in payments.parts}  # fmt: skip
    columns = ", ".join(f"{name} = {_quoted(header)}" for name, header in parts.items())
    payer = _quoted(one.grid.file.rsplit(".", 1)[0])
    constants = [] if "payer" in payments.parts else [f"constants = {{ payer_id = {payer} }}"]
    by_file = one.grid.file.rsplit(".", 1)[0]
    stem = by_file if one.whole_file else one.grid.sheet or by_file
    return ["", "# every line, credits included: a payment that is taken back is no lead",
            "[tables.payments]", f"file = {_quoted(stem)}", f"columns = {{ {columns} }}",
            f'compose = {{ payment_id = "{_row(one)}" }}', *constants]  # fmt: skip


def _unread(one: Draft, unused: Sequence[str]) -> list[str]:
    """Columns whose values look like dates or amounts and cannot be read."""
    lines = []
    for header in unused:
        content = one.contents.get(header)
        if content is not None and content.unread is not None:
            what = "a date or an amount"
            lines.append(
                f"# {_comment(header)}: looks like {what}, cannot be read: {_comment(content.unread)}"
            )
    return lines


def _values(one: Draft, column: Column) -> list[str]:
    """The source's own words of a code column, each with a place for its code."""
    if column.kind is not Kind.CODE or not column.codes:
        return []
    header = one.columns[column.name][0]
    known = code_words(column.name, column.codes)
    strange = [
        v
        for v in sample_of(one.grid.columns[one.grid.header.index(header)])
        if v.lower() not in known
    ]
    if not strange:
        return []
    usual = "other" if "other" in column.codes else column.codes[0]
    lines = ["", f"[tables.{one.table}.values.{column.name}]  # one of: {', '.join(column.codes)}"]
    lines += [f"{_quoted(v)} = {_quoted(_guess(v, known) or usual)}  # ?" for v in strange[:40]]
    return [*lines, f'"*" = {_quoted(usual)}  # every other word']


def _guess(text: str, known: dict[str, str]) -> str | None:
    """The code of the longest known word that the text contains."""
    inside = [w for w in known if len(w) > 1 and w in text.lower()]
    return known[max(inside, key=len)] if inside else None


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
