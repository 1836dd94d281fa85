"""The command line: its groups and commands, the global options, errors in one line.

Bad input ends with one clear line on standard error and exit status 2. Commands that need the
orchestrator (``demo``, ``schedule``) are plug-ins, because this package does not import it.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from fraud_pipeline.cli import output, progress
from fraud_pipeline.cli.command import Commands, Lang, Quiet, WithPlugIns
from fraud_pipeline.cli.commands import audit, model, price, programme, programme_new
from fraud_pipeline.cli.commands.backtest import backtest
from fraud_pipeline.cli.commands.benchmark import benchmark
from fraud_pipeline.cli.commands.check import check, parties
from fraud_pipeline.cli.commands.docs import docs
from fraud_pipeline.cli.commands.erase import erase
from fraud_pipeline.cli.commands.explain import explain, export, ring
from fraud_pipeline.cli.commands.health import monitor, status
from fraud_pipeline.cli.commands.insiders import insiders
from fraud_pipeline.cli.commands.new_flag import new_flag
from fraud_pipeline.cli.commands.score import plan_audit, score, train
from fraud_pipeline.cli.commands.score_claim import score_claim
from fraud_pipeline.cli.commands.serve import serve
from fraud_pipeline.cli.commands.simulate import simulate
from fraud_pipeline.cli.commands.upkeep import prune, receipt, verify
from fraud_pipeline.cli.commands.usage import usage
from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.vocabulary import messages

app = Commands(
    cls=WithPlugIns, help="Ranks innovation-voucher redemption claims for audit, with reasons."
)
for command in (
    check, parties, score, explain, ring, export, plan_audit, train, backtest, score_claim, usage,
    status, monitor, verify, receipt, prune, erase, serve, simulate, benchmark, insiders, new_flag,
    docs,
):  # fmt: skip
    app.command(command.__name__.replace("_", "-"))(command)
app.add_typer(audit.app, name="audit")
app.add_typer(model.app, name="model")
app.add_typer(price.app, name="price")
programme.app.command()(programme_new.new)
app.add_typer(programme.app, name="programme")


# What an installation without extras lacks, by the extra that brings it (pyproject.toml).
EXTRAS = {
    "argon2": "workbench", "authlib": "workbench", "fpdf": "workbench", "joserfc": "workbench",
    "multipart": "workbench", "python_multipart": "workbench", "pyspark": "spark",
    "splink": "parties",
}  # fmt: skip


def _print_version(wanted: bool) -> None:
    if wanted:
        from fraud_pipeline.store.version import code_version

        version = code_version()
        typer.echo(f"fraud-pipeline {version['version']} ({version['sha256'][:12]})")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Version and code hash."
        ),
    ] = False,
    lang: Lang = None,
    quiet: Quiet = False,
) -> None:
    """Ranks innovation-voucher redemption claims for audit, with reasons."""
    messages.use_language(lang)
    progress.be_quiet(quiet)
    output.use_json(False)


def main() -> None:
    """The entry point: errors of ours in one line with exit status 2, bugs with traceback.

    What the user may not read or write is an error of theirs wherever it comes up.
    """
    try:
        app()
    except FraudPipelineError as error:
        _end(messages.in_use(str(error)))
    except PermissionError as error:
        _end(f"{error.filename}: {error.strerror}")
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if module not in EXTRAS:
            raise
        _end(messages.t("extra.missing", module=module, extra=EXTRAS[module]))


def _end(message: str) -> None:
    from fraud_pipeline.ingest.wording import printable

    line = f"fraud-pipeline: {message}".replace("\n", " ").rstrip()
    sys.stderr.write(printable(line) + "\n")  # names of files may hold anything
    sys.exit(2)


if __name__ == "__main__":
    main()
