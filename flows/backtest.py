"""Backtest month by month: how the ranking did on the verdicts that came later."""

# No postponed annotations: see nightly.py.

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.common import FLOW_SECONDS, TASK_OPTIONS, notify_block, notify_failure, optional_path
from fraud_pipeline.engine import runner
from fraud_pipeline.engine.backtest import Month, as_text, in_short, of_run
from fraud_pipeline.errors import InputError
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.vocabulary.messages import t

MONTHS = 12
# Every month repeats a run's steps: the limit is that of a whole run, not of a step.
_TASK_OPTIONS = {**TASK_OPTIONS, "timeout_seconds": FLOW_SECONDS}


@task(name="backtest", **_TASK_OPTIONS)
def run_backtest(
    workspace: Path, run: str | None, months: int, settings: Path | None
) -> tuple[list[Month], str]:
    """The months and one line about them, or why there are none.

    Reads one published run, which nobody changes: the workspace need not be locked.
    """
    log, chosen = get_run_logger(), runner.read_settings(settings)
    try:
        months_found = of_run(
            Workspace(workspace), run, chosen, months,
            lambda day: log.info("as of %s", day),
        )  # fmt: skip
    except InputError as error:  # no verdict yet is not a failure
        return [], t("backtest.none", error=error)
    return months_found, in_short(months_found)


@flow(
    name="backtest", timeout_seconds=FLOW_SECONDS, flow_run_name="backtest of {workspace}",
    on_failure=[notify_failure], on_crashed=[notify_failure],
)  # fmt: skip
def backtest(
    workspace: str = "workspace",
    run: str | None = None,
    months: int = MONTHS,
    settings: str | None = None,
    notify: str | None = None,
) -> str:
    """The ranking at each month-end, computed from what was known by then."""
    results, summary = run_backtest(Path(workspace), run, months, optional_path(settings))
    create_markdown_artifact(summary, key="backtest")
    create_table_artifact([_row(month) for month in results], key="backtest-months")
    get_run_logger().info("%s", as_text(results) if results else summary)
    notify_block(notify, "fraud-pipeline: backtest", summary)
    return summary


def _row(month: Month) -> dict[str, str | int]:
    return {
        "as of": month.as_of.isoformat(),
        "open": month.open_claims,
        "known verdicts": month.known_verdicts,
        "later verdicts": month.later_verdicts,
        **{
            f"{what}, {name}": f"{value:.2f}"
            for what, values in (("average precision", month.precision), ("money", month.money))
            for name, value in values.items()
        },
        "expected": f"{month.expected['in use']:.1%}",
        "found": f"{month.improper_share:.1%}",
    }
