"""What tests may need from the machine, runs they share, and how they are dealt out to workers."""

import gc
import os
import shutil

if "PYTEST_XDIST_WORKER" in os.environ:
    # As many workers as processors: more threads in each would only wait for one another.
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")

os.environ["FRAUD_PIPELINE_LANG"] = "en"  # whatever the locale of who runs the tests

import pytest

from fraud_pipeline.vocabulary.messages import use_language
from tests import shared_runs

# Files that take longest, begun first, so that no worker is left alone with one at the end. On a
# fresh checkout the first compiles the kernels of a run; meanwhile the other asks rules and reads files.
LONGEST = (
    "tests/engine/test_run.py",
    "tests/programmes/test_rule_scopes.py",
    "tests/programmes/",
    "tests/ingest/",
    "tests/flows/",
    "tests/rings/evidence/",
    "tests/engine/single_claim/test_parity.py",
    "tests/faults/test_bad_input.py",
    "tests/faults/",
    "tests/workbench/pages/",
    "tests/cli/",
    "tests/rings/null/test_alpha_ledger.py",
    "tests/risk/",
    "tests/workbench/db/",
    "tests/workbench/auth/",
)


def unavailable(what: str) -> None:
    """Skips loudly on a person's machine; fails where CI must not hide a missing step."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not available, and CI must have it")
    pytest.skip(f"SKIPPED FOR WANT OF {what}")


def pytest_report_header() -> str:
    reduced = os.environ.get("FRAUD_LONG", "full")
    return f"long simulations: {reduced}; CI={os.environ.get('CI', 'false')}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take longest come first; ``--dist loadfile`` gives each file to one worker."""
    items.sort(key=lambda item: _place(item.nodeid))  # stable: otherwise as collected


def _place(nodeid: str) -> int:
    places = (k for k, start in enumerate(LONGEST) if nodeid.startswith(start))
    return next(places, len(LONGEST))


def pytest_collection_finish() -> None:
    """A run collects garbage after each step: spare it the test session's own objects."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """What was spared is freed at the end, or DuckDB lists its functions as leaked."""
    gc.unfreeze()


@pytest.fixture(autouse=True)
def environment_language():
    """A language that one test chose is not the next one's."""
    yield
    use_language(None)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory):
    """The workspace of one run of ``tiny``, made by the command; to read, not to change."""
    yield from shared_runs.unchanged(
        shared_runs.made_once(
            tmp_path_factory,
            "tiny",
            lambda folder: shared_runs.scored_by_command(folder, shared_runs.TINY),
        )
    )


@pytest.fixture(scope="session")
def tiny_first_run(tmp_path_factory):
    """The workspace of a run of ``tiny`` as of its first day; to read, not to change."""
    yield from shared_runs.unchanged(
        shared_runs.made_once(
            tmp_path_factory,
            "tiny-first",
            lambda folder: shared_runs.scored(folder, shared_runs.TINY, shared_runs.FIRST_DAY),
        )
    )


@pytest.fixture(scope="session")
def tiny_two_runs(tmp_path_factory, tiny_first_run):
    """The workspace of two runs of ``tiny``, as of both days; to read, not to change."""

    def make(folder):
        shutil.copytree(tiny_first_run, folder)
        shared_runs.scored(folder, shared_runs.TINY, shared_runs.SECOND_DAY)

    yield from shared_runs.unchanged(shared_runs.made_once(tmp_path_factory, "tiny-two", make))


@pytest.fixture(scope="session")
def wuhan_run(tmp_path_factory):
    """The workspace of one run of the sample ``wuhan``; to read, not to change."""
    yield from shared_runs.unchanged(
        shared_runs.made_once(
            tmp_path_factory,
            "wuhan",
            lambda folder: shared_runs.scored(folder, shared_runs.WUHAN, None),
        )
    )
