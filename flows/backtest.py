"""Looking back month by month: how the ranking did on the verdicts that came later."""

# No postponed annotations: see nightly.py.

from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.common import FLOW_SECONDS, PATIENT, path_of, tell, tell_of_failure
from fraud_pipeline.engine import runner
from fraud_pipeline.engine.backtest import Month, as_text, in_short, of_run
from fraud_pipeline.errors import InputError
from fraud_pipeline.store.workspace import Workspace

MONTHS = 12
# Every month is a night's work: as long as a night may take, not as long as a step.
_PATIENT = {**PATIENT, "timeout_seconds": FLOW_SECONDS}


@task(name="look back", **_PATIENT)
def look_back(
    workspace: Path, run: str | None, months: int, settings: Path | None
) -> tuple[list[Month], str]:
    """The months and one line about them, or why there are none.

    Reads one published run, which nobody changes: the workspace need not be locked.
    """
    log, chosen = get_run_logger(), runner.read_settings(settings)
    try:
        found = of_run(
            Workspace(workspace), run, chosen, months,
            lambda day: log.info("as of %s", day),
        )  # fmt: skip
    except InputError as error:  # no verdict yet: nothing is wrong with that
        return [], f"没有回看 not looked back: {error}"
    return found, in_short(found)


@flow(
    name="backtest", timeout_seconds=FLOW_SECONDS, flow_run_name="backtest of {workspace}",
    on_failure=[tell_of_failure], on_crashed=[tell_of_failure],
)  # fmt: skip
def backtest(
    workspace: str = "workspace",
    run: str | None = None,
    months: int = MONTHS,
    settings: str | None = None,
    notify: str | None = None,
) -> str:
    """What the ranking would have said at each month-end, with only what was known then."""
    found, said = look_back(Path(workspace), run, months, path_of(settings))
    create_markdown_artifact(said, key="backtest")
    create_table_artifact([_row(month) for month in found], key="backtest-months")
    get_run_logger().info("%s", as_text(found) if found else said)
    tell(notify, "fraud-pipeline: backtest", said)
    return said


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
        "found": f"{month.found:.1%}",
    }
