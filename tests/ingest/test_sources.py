"""What can be opened: folders, files and databases, read only, and no password ever shown."""

import pytest
import sqlalchemy as sa

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.store.sources import open_sources
from tests.ingest.helpers import HEAD, ROW, claims, load

NAMES = HEAD.split(",")


def into_database(url, table="claims", order=(2, 1)):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f'DROP TABLE IF EXISTS "{table}"'))
        kinds = {
            "contract_amount": "NUMERIC(18,2)",
            "submitted_on": "DATE",
            "quantity": "DOUBLE PRECISION",
        }
        columns = ", ".join(f"{n} {kinds.get(n, 'TEXT')}" for n in NAMES)
        connection.execute(sa.text(f'CREATE TABLE "{table}" ({columns})'))
        places = ", ".join(f":{n}" for n in NAMES)
        insert = sa.text(f'INSERT INTO "{table}" VALUES ({places})')  # noqa: S608
        for k in order:
            connection.execute(
                insert, dict(zip(NAMES, ROW.replace("C1", f"C{k}").split(","), strict=True))
            )
    engine.dispose()


def reads_the_same_in_any_order(url):
    into_database(url)
    first = load(url)
    assert [c["claim_id"] for c in claims(first)] == ["C1", "C2"]
    assert (
        str(claims(first)[0]["contract_amount"]) == "1000.00" and claims(first)[0]["quantity"] == 2
    )
    assert first.repairs.num_rows == 0
    into_database(url, order=(1, 2))
    assert load(url).inputs == first.inputs
    into_database(url, order=(1, 2, 3))
    assert load(url).inputs != first.inputs


def test_sqlite(tmp_path):
    reads_the_same_in_any_order(f"sqlite:///{tmp_path / 'claims.db'}")


@pytest.mark.postgres
def test_postgresql(postgres_url):
    reads_the_same_in_any_order(postgres_url)


def test_a_table_by_its_chinese_name_and_a_view(tmp_path):
    url = f"sqlite:///{tmp_path / 'claims.db'}"
    into_database(url, table="兑付申请")
    assert len(claims(load(url))) == 2
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text('ALTER TABLE "兑付申请" RENAME TO raw'))
        connection.execute(sa.text("CREATE VIEW claims AS SELECT * FROM raw WHERE claim_id = 'C1'"))
    engine.dispose()
    assert len(claims(load(url))) == 1


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(InputError, match="no such database file"):
        load(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_database_has_no_claims(tmp_path):
    (tmp_path / "empty.db").touch()
    with pytest.raises(InputError, match="no table of claims"):
        load(f"sqlite:///{tmp_path / 'empty.db'}")
    (tmp_path / "text.db").write_text("this is no database " * 99)
    with pytest.raises(InputError, match="cannot be read: file is not a database"):
        load(f"sqlite:///{tmp_path / 'text.db'}")


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://clerk:s3cret@127.0.0.1:1/claims", "nosuch://clerk:s3cret@host/db",
     "postgresql+psycopg://clerk:s3cret@127.0.0.1:port/db", "://s3cret"],
)  # fmt: skip
def test_a_database_out_of_reach_is_said_in_one_line_without_its_password(url):
    with pytest.raises(InputError) as raised:
        open_sources(url, ingest.stems(None))
    assert "s3cret" not in str(raised.value) and "\n" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_folder_gives_its_tables_and_nothing_else(tmp_path):
    for name in (
        "claims.csv",
        "CONTRACTS.CSV",
        "notes.csv",
        "truth.parquet",
        "企业.tsv",
        "claims.docx",
        "~$claims.xlsx",
    ):
        (tmp_path / name).write_text("x")
    found = open_sources(str(tmp_path), ingest.stems(None))
    assert [s.name for s in found] == ["CONTRACTS.CSV", "claims.csv", "企业.tsv"]
    assert all(len(s.sha256) == 64 for s in found)


def test_what_cannot_be_opened_is_named(tmp_path):
    (tmp_path / "claims.csv").mkdir()
    (tmp_path / "claims.docx").write_text("x")
    cases = {
        str(tmp_path / "none"): "no such", str(tmp_path): "not a file",
        str(tmp_path / "claims.docx"): "not one of", "a\0b": "no such",
    }  # fmt: skip
    for where, answer in cases.items():
        with pytest.raises(InputError, match=answer):
            open_sources(where, ingest.stems(None))
