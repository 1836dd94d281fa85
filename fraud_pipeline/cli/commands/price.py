"""``fraud-pipeline price``: a claim beside its market, a price before signing, a catalogue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fraud_pipeline.cli.commands.options import (
    WORKSPACE,
    Language,
    RunId,
    Workspace_,
    day_if_given,
)
from fraud_pipeline.cli.output import say
from fraud_pipeline.errors import InputError


class _ClaimByDefault(TyperGroup):
    """``price C0000012`` is ``price claim C0000012``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["claim", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_ClaimByDefault, no_args_is_help=True,
    help="A claim's price beside its market: price CLAIM; or a question before signing.",
)  # fmt: skip


@app.command()
def claim(
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="Claim id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
) -> None:
    """Verdict, market low / mid / high, comparables with what makes them similar."""
    from fraud_pipeline.cli.commands._prices import claim_page

    say(claim_page(workspace, run, claim_id, lang))


@app.command("what-if")
def ask(
    service: Annotated[str, typer.Option(help="Service type, e.g. testing.")],
    quantity: Annotated[float, typer.Option(help="How many units.")] = 1.0,
    region: Annotated[str | None, typer.Option(help="Region of the institution.")] = None,
    category: Annotated[str | None, typer.Option(help="Category of the institution.")] = None,
    title: Annotated[str | None, typer.Option(help="What the service is called.")] = None,
    unit: Annotated[str | None, typer.Option(help="Unit; default the usual one.")] = None,
    price: Annotated[str | None, typer.Option(help="A unit price to judge, yuan.")] = None,
    on: Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; default the run's.")] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
) -> None:
    """What a service should cost, before anything is signed."""
    from fraud_pipeline.cli.commands._prices import answer_page
    from fraud_pipeline.pricing.whatif import Question

    question = Question(
        service=service, quantity=quantity, region=region, category=category, title=title,
        unit=unit, unit_price=_amount(price), on=day_if_given(on) or date.min,
    )  # fmt: skip
    say(answer_page(workspace, run, question, lang))


@app.command("lint-catalogue")
def lint_catalogue(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet file of market_prices.")],
    on: Annotated[str | None, typer.Option(help="Day it is to be used, YYYY-MM-DD.")] = None,
    lang: Language = "zh",
) -> None:
    """What to mend in a price catalogue; exit status 2 when a line would mislead."""
    from fraud_pipeline.cli.commands._prices import catalogue_findings
    from fraud_pipeline.pricing.catalogue_lint import lint_text

    findings = catalogue_findings(file, day_if_given(on))
    say(lint_text(findings, lang))
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(2)


@app.command()
def patterns(
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
    lang: Language = "zh",
) -> None:
    """Habits of price: houses, pairs and customers dear all through, limits kept to, too low."""
    from fraud_pipeline.cli.commands._prices import pattern_lines

    for line in pattern_lines(workspace, run, lang):
        say(line)


def _amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InputError(f"{text!r} is not an amount in yuan") from error
