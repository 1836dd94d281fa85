"""``fraud-pipeline programme``: rule packs looked at, checked, and read as a sheet."""

from __future__ import annotations

import textwrap
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from fraud_pipeline.cli.commands.options import Language, Packs, day
from fraud_pipeline.cli.output import say

if TYPE_CHECKING:
    from fraud_pipeline.programmes import Pack

app = typer.Typer(no_args_is_help=True, help="Programme rules as data: list, show and lint packs.")


@app.command("list")
def list_packs(packs: Packs = None) -> None:
    """Every programme there are rules for."""
    from fraud_pipeline.store.packs import load_packs

    for pack in load_packs(packs).values():
        known = sum(entry.status == "published" for entry in pack.entries)
        say(f"{pack.id:<12} {pack.name_zh}  {pack.name_en}  ({known} rules)")


@app.command()
def show(
    programme: Annotated[str, typer.Argument(help="Programme pack id, e.g. shanxi.")],
    on: Annotated[str, typer.Option(help="The day whose rules count, YYYY-MM-DD.")],
    lang: Language = "zh",
    packs: Packs = None,
) -> None:
    """The rule sheet a reviewer reads: what held on a day, in whose words, what is open."""
    from fraud_pipeline.programmes import pack_of
    from fraud_pipeline.store.packs import load_packs

    pack = pack_of(load_packs(packs), programme)
    say(sheet_text(pack, day(on), lang))


@app.command()
def lint(
    file: Annotated[
        Path | None, typer.Argument(help="A pack, an override or a folder; default: all shipped.")
    ] = None,
) -> None:
    """Read packs and say what their maker should look at; findings end with status 1."""
    from fraud_pipeline.programmes import lint_pack
    from fraud_pipeline.store.packs import load_packs

    shipped = load_packs()
    packs = load_packs(file) if file else shipped
    changed = [p for name, p in packs.items() if file is None or p != shipped.get(name)]
    findings = [line for pack in changed for line in lint_pack(pack)]
    serious = [line for line in findings if "says nothing on" not in line]
    for line in findings:
        say(line)
    say(f"{len(changed)} packs read, {len(serious)} findings")
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
        lines += _told(row, lang)
    if unsaid:
        silent = "来源未提及：" if zh else "not mentioned by the sources: "
        lines += ["", *textwrap.wrap(silent + ("、" if zh else ", ").join(unsaid), 96)]
    if pack.notes:
        lines += ["", "备注" if zh else "Notes"]
        lines += [f"  · {note[0] if zh else note[1]}" for note in pack.notes]
    return "\n".join(lines)


def _told(row: dict[str, str], lang: str) -> list[str]:
    """Source, words and contradiction of a rule, indented."""
    told = f"“{row['quote']}” " if row["quote"] else ""
    if row["summary"] and not row["quote"]:
        told = (
            f"（据来源概述：{row['summary']}）" if lang == "zh" else f"(in sum: {row['summary']}) "
        )
    source = row[f"source_{lang}"]
    lines = [f"    {told}— {source}"] if told or row["status"] != "unknown" else []
    if row[f"other_{lang}"]:
        clash = "矛盾：" if lang == "zh" else "but: "
        lines.append(f"    {clash}{row[f'other_{lang}']}")
    return lines
