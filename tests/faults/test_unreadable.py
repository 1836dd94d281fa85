"""A folder or file that this user may not read: one line that names it, whoever runs the tests."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from fraud_pipeline.errors import FraudPipelineError
from fraud_pipeline.store import runs
from fraud_pipeline.store.sources import open_sources

NOBODY = 65534


def as_nobody(what):
    """What a child process without privileges prints: the message of our error, or its kind."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            what()
            said = "no error"
        except FraudPipelineError as error:
            said = str(error)
        except BaseException as error:
            said = f"UNEXPECTED {error!r}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def folder():
    """Not under the folder of the tests, which nobody else may enter."""
    made = Path(tempfile.mkdtemp(prefix="fraud-unreadable-"))
    made.chmod(0o755)
    (made / "claims.csv").write_text("claim_id\nC1\n")
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


def test_a_readable_file_is_read(folder):
    assert as_nobody(lambda: open_sources(str(folder), frozenset({"claims"}))) == "no error"


def test_an_unreadable_file_is_named_in_one_line(folder):
    (folder / "claims.csv").chmod(0)
    said = as_nobody(lambda: open_sources(str(folder), frozenset({"claims"})))
    assert "claims.csv" in said and "Permission denied" in said and "\n" not in said
    assert "UNEXPECTED" not in said


def test_an_unreadable_folder_is_named_in_one_line(folder):
    folder.chmod(0)
    said = as_nobody(lambda: open_sources(str(folder), frozenset({"claims"})))
    assert folder.name in said and "UNEXPECTED" not in said and "\n" not in said


def test_a_workspace_of_somebody_else_is_said_in_one_line(folder):
    (folder / "runs").mkdir()
    (folder / "runs" / "LATEST").write_text("20200101-0\n")
    (folder / "runs").chmod(stat.S_IRUSR)
    said = as_nobody(lambda: runs.find(folder))
    (folder / "runs").chmod(0o755)
    assert "UNEXPECTED" not in said and folder.name in said and "\n" not in said
