"""``fraud-pipeline price``: a claim beside its market, a price before signing, a catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from fraud_pipeline.cli.command import Commands
from fraud_pipeline.cli.options import WORKSPACE, RunId, Workspace_, day_if_given
from fraud_pipeline.cli.output import show
from fraud_pipeline.core.report import Report
from fraud_pipeline.errors import InputError
from fraud_pipeline.vocabulary.messages import language


class _ClaimByDefault(TyperGroup):
    """``price C0000012`` is ``price claim C0000012``."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["claim", *args]
        return super().resolve_command(ctx, args)


app = Commands(
    cls=_ClaimByDefault,
    help="A claim's price beside its market: price CLAIM; or a question before signing.",
)  # fmt: skip


@app.command()
def claim(
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="Claim id.")],
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
) -> None:
    """Verdict, market low / mid / high, comparables with what makes them similar.

    Example: fraud-pipeline price C0000007 -w demo
    """
    from fraud_pipeline.engine.price_queries import claim_page

    show(claim_page(workspace, run, claim_id, language()))


@dataclass(frozen=True)
class Service:
    """The service a question is about, and from whom."""

    service: Annotated[str, typer.Option(help="Service type, e.g. testing.")]
    quantity: Annotated[float, typer.Option(help="How many units.")] = 1.0
    region: Annotated[str | None, typer.Option(help="Region of the institution.")] = None
    category: Annotated[str | None, typer.Option(help="Category of the institution.")] = None
    title: Annotated[str | None, typer.Option(help="What the service is called.")] = None
    unit: Annotated[str | None, typer.Option(help="Unit; default the usual one.")] = None


@app.command("what-if")
def ask(
    service: Service,
    price: Annotated[str | None, typer.Option(help="A unit price to judge, yuan.")] = None,
    on: Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; default the run's.")] = None,
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
) -> None:
    """What a service should cost, before anything is signed.

    Example: fraud-pipeline price what-if --service trademark --quantity 60 -w demo
    """
    from fraud_pipeline.engine.price_queries import answer_page
    from fraud_pipeline.pricing.whatif import Question

    question = Question(
        service=service.service, quantity=service.quantity, region=service.region,
        category=service.category, title=service.title, unit=service.unit,
        unit_price=_amount(price), on=day_if_given(on) or date.min,
    )  # fmt: skip
    show(answer_page(workspace, run, question, language()))


@app.command("lint-catalogue")
def lint_catalogue(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or Parquet file of market_prices.")],
    on: Annotated[str | None, typer.Option(help="Day it is to be used, YYYY-MM-DD.")] = None,
) -> None:
    """What to mend in a price catalogue; exit status 2 when a line would mislead.

    Example: fraud-pipeline price lint-catalogue data_samples/wuhan/market_prices.csv --on 2017-06-30
    """
    from fraud_pipeline.engine.price_queries import catalogue_findings
    from fraud_pipeline.pricing.catalogue_lint import lint_text

    findings = catalogue_findings(file, day_if_given(on))
    show(Report(lint_text(findings, language()), {"file": file, "findings": findings}))
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(2)


@app.command()
def patterns(
    workspace: Workspace_ = WORKSPACE,
    run: RunId = None,
) -> None:
    """Price patterns: sellers, pairs and customers dear throughout, prices at a limit, prices too low.

    Example: fraud-pipeline price patterns -w demo
    """
    from fraud_pipeline.engine.price_queries import price_patterns

    show(price_patterns(workspace, run, language()))


def _amount(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text.replace(",", ""))
    except InvalidOperation as error:
        raise InputError(f"{text!r} is not an amount in yuan") from error
