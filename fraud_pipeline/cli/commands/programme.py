"""``fraud-pipeline programme``: rule packs looked at, checked, and read as a sheet."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fraud_pipeline.cli.command import Commands
from fraud_pipeline.cli.options import Packs, day
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.vocabulary.messages import language, t

if TYPE_CHECKING:
    from fraud_pipeline.programmes import Pack

app = Commands(help="Programme rules as data: list, show and lint packs.")


@app.command("list")
def list_packs(packs: Packs = None) -> None:
    """Every programme there are rules for.

    Example: fraud-pipeline programme list
    """
    from fraud_pipeline.store.packs import load_packs

    listed = [
        {"id": pack.id, "name_zh": pack.name_zh, "name_en": pack.name_en,
         "rules": sum(entry.status == "published" for entry in pack.entries)}
        for pack in load_packs(packs).values()
    ]  # fmt: skip
    lines = [
        f"{one['id']:<12} {one[f'name_{language()}']}  ({t('programme.rules', n=one['rules'])})"
        for one in listed
    ]
    show(Report("\n".join(lines), {"programmes": listed}))


@app.command("show")
def show_sheet(
    programme: Annotated[str, typer.Argument(help="Programme pack id, e.g. shanxi.")],
    on: Annotated[str, typer.Option(help="The day whose rules count, YYYY-MM-DD.")],
    packs: Packs = None,
) -> None:
    """The rule sheet a reviewer reads: what held on a day, in whose words, what is open.

    Example: fraud-pipeline programme show shanxi --on 2018-05-01
    """
    from fraud_pipeline.programmes import pack_of, rule_sheet
    from fraud_pipeline.store.packs import load_packs

    pack = pack_of(load_packs(packs), programme)
    facts = {"programme": pack.id, "on": day(on), "rules": rule_sheet(pack, day(on))}
    show(Report(sheet_text(pack, day(on), language()), facts))


@app.command()
def lint(
    file: Annotated[
        Path | None, typer.Argument(help="A pack, an override or a folder; default: all shipped.")
    ] = None,
) -> None:
    """Read packs and say what their maker should look at; findings end with status 1.

    Example: fraud-pipeline programme lint
    """
    from fraud_pipeline.programmes import lint_pack
    from fraud_pipeline.store.packs import load_packs

    shipped = load_packs()
    packs = load_packs(file) if file else shipped
    changed = [p for name, p in packs.items() if file is None or p != shipped.get(name)]
    findings = [line for pack in changed for line in lint_pack(pack)]
    serious = [line for line in findings if "says nothing on" not in line]
    text = "\n".join([*findings, t("programme.linted", packs=len(changed), findings=len(serious))])
    facts = {"packs": [pack.id for pack in changed], "findings": serious, "remarks": findings}
    show(Report(text, facts))
    if serious:
        raise typer.Exit(1)


def sheet_text(pack: Pack, on: date, lang: Literal["zh", "en"]) -> str:
    """The rule sheet as plain text."""
    from fraud_pipeline.programmes import rule_sheet

    zh = lang == "zh"
    lines = [f"{pack.name_zh if zh else pack.name_en} ({pack.id}) · {on}", ""]
    unsaid = []
    for row in rule_sheet(pack, on):
        if not row["clause_zh"]:
            unsaid.append(row[f"rule_{lang}"])
            continue
        part = f" [{row['part']}]" if row["part"] else ""
        lines.append(f"{row[f'rule_{lang}']}{part}: {row[f'value_{lang}']}")
        lines.append(f"    {row[f'clause_{lang}']}")
        lines += _source_lines(row, lang)
    if unsaid:
        silent = "来源未提及：" if zh else "not mentioned by the sources: "
        lines += ["", *textwrap.wrap(silent + ("、" if zh else ", ").join(unsaid), 96)]
    if pack.notes:
        lines += ["", "备注" if zh else "Notes"]
        lines += [f"  · {note[0] if zh else note[1]}" for note in pack.notes]
    return "\n".join(lines)


def _source_lines(row: dict[str, str], lang: str) -> list[str]:
    """Source, words and contradiction of a rule, indented."""
    quote = f"“{row['quote']}” " if row["quote"] else ""
    if row["summary"] and not row["quote"]:
        quote = (
            f"（据来源概述：{row['summary']}）" if lang == "zh" else f"(in sum: {row['summary']}) "
        )
    source = row[f"source_{lang}"]
    lines = [f"    {quote}— {source}"] if quote or row["status"] != "unknown" else []
    if row[f"other_{lang}"]:
        clash = "矛盾：" if lang == "zh" else "but: "
        lines.append(f"    {clash}{row[f'other_{lang}']}")
    return lines
