"""The tutorials: every command runs where the public data are at hand, every mapping reads a small file always.

``FRAUD_TUTORIAL_DATA`` names the folder of the public lists; they are not part of this repository.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer

from fraud_pipeline import ingest
from fraud_pipeline.cli.app import app
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.settings import IngestSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.sources import open_sources

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/tutorials/README.md"
DATA = os.environ.get("FRAUD_TUTORIAL_DATA", "")
# Two lines of each list, as it is published.
LISTS = {
    "council_spend_gb": {"service_area": ["Roads", "Roads"], "expense_type": ["Repairs", "Repairs"], "supplier": ["S1", "S2"],
                         "payment_date": ["2016-05-03", "2016-05-04"], "transaction_number": ["T1", "T1"], "amount": ["10.50", "-3.00"]},
    "purchase_cards_us": {"card": ["C1", "C2"], "merchant": ["M1", "M2"], "state": ["OK", "TX"], "type": ["x", "x"],
                          "date": ["31/01/2010", "01/02/2010"], "amount": ["$106,89", "$12,00"]},
    "reimbursements_br": {"claim_id": ["1", "2"], "enterprise": ["B1", "B1"], "institution": ["S1", "S2"], "service_type": ["a", "b"],
                          "amount": ["12.00", "13.50"], "date": ["2010-03-04", ""], "year": ["2010", "2010"], "month": ["3", "4"], "doc": ["D1", "D2"]},
    "service_invoices_cn": {"claim_id": ["1", "2"], "enterprise": ["E1", "E1"], "institution": ["1:A1", "1:A2"], "amount": ["943.40", "-5.00"],
                            "date": ["2018-03-04", "2018-03-05"], "status": ["valid", "valid"], "invoice_no": ["11", "12"]},
    "utility_payments_us": {"vendor": ["V1", "V2"], "date": ["2010-03-04", "2010-03-05"], "invoice_number": ["A1", "A2"], "amount": ["12.00", "-12.00"]},
}  # fmt: skip


def commands():
    """The commands of the page, in order; ``$DATA`` stands for the folder of the lists."""
    return re.findall(r"^    (fraud-pipeline .*)$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", LISTS)
def test_a_tutorials_mapping_reads_a_list_of_that_kind(tmp_path, name):
    path = tmp_path / f"{name}.parquet"
    pq.write_table(pa.table(LISTS[name]), path)
    text = (ROOT / f"docs/tutorials/mappings/{name}.toml").read_text("utf-8")
    mapping = ingest.parse_mapping(text, name)
    loaded = ingest.load(
        open_sources(str(path), ingest.stems(mapping)), IngestSettings(), mapping,
        known_programmes=currencies_of(load_packs()),
    )  # fmt: skip
    claims = loaded.tables["claims"]
    credits_out = sum(v.startswith("-") for v in LISTS[name]["amount"])
    assert claims.num_rows == 2 - credits_out, loaded.quarantine.to_pylist()
    assert set(claims["programme"].to_pylist()) <= set(load_packs())


def test_every_mapping_has_a_list_and_the_page_has_commands():
    assert {p.stem for p in (ROOT / "docs/tutorials/mappings").glob("*.toml")} == set(LISTS)
    assert len(commands()) >= 4


def test_the_commands_of_the_page_have_what_they_need():
    """Every command is parsed as it stands, required options included; nothing is run."""
    for line in commands():
        group, words = typer.main.get_command(app), shlex.split(line)[1:]
        command = group.get_command(click.Context(group), words[0])
        with command.make_context(words[0], words[1:]):
            pass


@pytest.mark.skipif(not DATA, reason="FRAUD_TUTORIAL_DATA names no folder with the public lists")
def test_the_commands_of_the_page_run_one_after_the_other(tmp_path):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    for command in commands():
        words = shlex.split(command.replace("$DATA", DATA))[1:]
        done = subprocess.run([sys.executable, "-m", "fraud_pipeline", *words], cwd=tmp_path,
                              capture_output=True, text=True, timeout=1800, check=False)  # fmt: skip
        assert done.returncode == 0, (command, done.stderr[-500:])


ROW_OF_LIST = {
    "purchase_cards_us": "purchase cards", "utility_payments_us": "utility payments", "service_invoices_cn": "VAT invoices",
    "reimbursements_br": "reimbursements", "council_spend_gb": "council spending",
}  # fmt: skip


@pytest.mark.skipif(not DATA, reason="FRAUD_TUTORIAL_DATA names no folder with the public lists")
@pytest.mark.parametrize("name", LISTS)
def test_the_page_says_how_many_rows_of_each_list_are_ranked(name):
    said = re.search(
        rf"^\| {ROW_OF_LIST[name]} \| ([\d,]+) \|", PAGE.read_text("utf-8"), re.MULTILINE
    )
    text = (ROOT / f"docs/tutorials/mappings/{name}.toml").read_text("utf-8")
    mapping = ingest.parse_mapping(text, name)
    sources = open_sources(str(Path(DATA) / f"{name}.parquet"), ingest.stems(mapping))
    loaded = ingest.load(
        sources, IngestSettings(), mapping, known_programmes=currencies_of(load_packs())
    )
    assert f"{loaded.tables['claims'].num_rows:,}" == said[1]
