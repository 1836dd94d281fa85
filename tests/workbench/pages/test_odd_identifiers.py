"""A claim whose identifier holds any character can be opened, decided and exported."""

import re

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from fraud_pipeline.workbench.addresses import claim_address, identifier_of, slug
from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import Role
from tests.workbench import world
from tests.workbench.conftest import engage, message, sign_in
from tests.workbench.decisions.test_verdicts import CLEAN

ODD = (
    "a/b",
    "../etc/passwd",
    "..",
    ".",
    "a b",
    "'\"<>&",
    "x" * 300,
    "申请-1/2",
    "%2F",
    "~",
    "a?b#c",
    "a;b=c",
)


@pytest.fixture
def odd(workspace, tmp_path):
    """The usual run with the first claims renamed."""
    names = {world.claim(k + 12): name for k, name in enumerate(ODD)}
    for path in (workspace / "runs" / world.RUN).rglob("*.parquet"):
        table = pq.read_table(path)
        if "claim_id" in table.column_names:
            at = table.column_names.index("claim_id")
            renamed = [names.get(value, value) for value in table["claim_id"].to_pylist()]
            table = table.set_column(at, table.schema.field(at), pa.array(renamed, pa.string()))
            pq.write_table(table, path)
    made = make_application(workspace, f"sqlite:///{tmp_path / 'work.db'}")
    engage(made.state.app_state, "lead", Role.LEAD)
    return sign_in(made, "lead")


def test_every_link_of_the_queue_opens_its_claim(odd):
    page = odd.get("/queue").text
    links = re.findall(r'class="open" href="(/claims/[^"]+)"', page)
    assert len(links) == world.N and {claim_address(name) for name in ODD} <= set(links)
    for name in ODD:
        address = claim_address(name)
        assert odd.get(address).status_code == 200, name
        assert odd.get(address + "/pack.zip").headers["content-type"] == "application/zip"
        answer = odd.submit(f"{address}/decide", **CLEAN, back=address)
        assert (
            message(answer) in ("decided", "second")
            and odd.get(answer.headers["location"]).status_code == 200
        )


@pytest.mark.parametrize("name", ODD)
def test_an_address_is_one_part_and_gives_the_identifier_back(name):
    assert identifier_of(slug(name)) == name
    assert not set(slug(name)) & set("/%?#&\\ \"'<>") and slug(name).strip(".")


def test_plain_identifiers_are_their_own_address():
    assert pc.all(pa.array([slug(f"C{k}") == f"C{k}" for k in range(9)])).as_py()
