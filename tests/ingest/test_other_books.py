"""Workbooks of other programs: read like an .xlsx, and measured before they are opened."""

from datetime import date

import pytest

from fraud_pipeline.errors import InputError
from tests.ingest.helpers import HEAD, accounts_hold, claims, load
from tests.ingest.other_books import (
    ods_cell,
    ods_row,
    write_ods,
    write_xlsb,
    write_xlsm,
    xlsb_sheet,
)

CLAIMS = [
    [f"C{k}", "wuhan", "E1", "I1", "testing", 1000 + k, 550.5, "2016-07-01", 2] for k in range(3)
]
ROWS = [HEAD.split(","), *CLAIMS]


def _xlsb(path, rows):
    return write_xlsb(path, xlsb_sheet(rows))


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_ods, "claims.ods"), (write_xlsm, "claims.xlsm"), (_xlsb, "claims.xlsb")],
)
def test_every_kind_of_workbook_gives_the_same_claims(tmp_path, write, name):
    loaded = load(write(tmp_path / name, ROWS))
    accounts_hold(loaded)
    assert [c["claim_id"] for c in claims(loaded)] == ["C0", "C1", "C2"]
    assert [int(c["contract_amount"]) for c in claims(loaded)] == [1000, 1001, 1002]
    assert {c["submitted_on"] for c in claims(loaded)} == {date(2016, 7, 1)}
    assert any("macros" in note for note in loaded.notes) == name.endswith("xlsm")


def test_dates_of_an_open_document_are_read_as_days(tmp_path):
    rows = [ROWS[0], *([*c[:7], date(2016, 7, 13), c[8]] for c in CLAIMS)]
    loaded = load(write_ods(tmp_path / "claims.ods", rows))
    assert {c["submitted_on"] for c in claims(loaded)} == {date(2016, 7, 13)}


HUGE = 2_000_000_000


@pytest.mark.parametrize(
    "body",
    [
        ods_row([ods_cell(None, HUGE), ods_cell("x")]),
        ods_row([ods_cell("x", HUGE)]),
        f'<table:table-row table:number-rows-repeated="{HUGE}">{ods_cell("x")}</table:table-row>',
        f'<table:table-row table:number-rows-repeated="{HUGE}"></table:table-row>'
        + ods_row([ods_cell("x")]),
        ods_row([ods_cell("x", 10**20)]),
        ods_row([ods_cell("x", -5)]),
        "".join(ods_row([ods_cell("y" * 100_000, 1000)]) for _ in range(30)),
    ],
    ids=["empty cells", "cells", "rows", "empty rows", "no number", "below zero", "text"],
)
def test_an_open_document_that_repeats_without_measure_is_refused(tmp_path, body):
    path = write_ods(tmp_path / "claims.ods", None, body=body)
    with pytest.raises(InputError, match=r"too many cells|repetitions|more text"):
        load(path)


def test_entities_of_an_open_document_are_not_expanded(tmp_path):
    head = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><office:document-content>'
    path = write_ods(tmp_path / "claims.ods", None, body=ods_row([ods_cell("x")]), head=head)
    with pytest.raises(InputError, match="entities of its own"):
        load(path)


def test_a_binary_workbook_that_reaches_too_far_is_refused(tmp_path):
    sheet = xlsb_sheet(ROWS, at={3: (1 << 32) - 1})
    with pytest.raises(InputError, match="beyond the last row"):
        load(write_xlsb(tmp_path / "claims.xlsb", sheet))
    wide = xlsb_sheet([[None] * 10_000 + ["x"]], at={0: 1_000_000})
    with pytest.raises(InputError, match="too many cells"):
        load(write_xlsb(tmp_path / "claims.xlsb", wide))


@pytest.mark.parametrize("name", ["claims.ods", "claims.xlsb"])
def test_torn_workbooks_never_get_further_than_one_line(tmp_path, name):
    path = tmp_path / name
    (write_ods if name.endswith("ods") else _xlsb)(path, ROWS)
    whole = path.read_bytes()
    for cut in range(1, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:cut])
        with pytest.raises(InputError):
            load(path)


def test_torn_sheets_of_a_binary_workbook_never_get_further_than_one_line(tmp_path):
    whole = xlsb_sheet(ROWS)
    for cut in range(1, len(whole), 7):
        try:
            load(write_xlsb(tmp_path / "claims.xlsb", whole[:cut]))
        except InputError as error:
            assert "\n" not in str(error)
