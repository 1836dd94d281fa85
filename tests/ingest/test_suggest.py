"""Drafts of mappings: headers of ten languages, columns known by their values, keys that are none."""

import pytest

from fraud_pipeline import ingest
from fraud_pipeline.ingest import delimited
from fraud_pipeline.ingest.suggest import draft
from fraud_pipeline.ingest.suggest_toml import as_toml
from fraud_pipeline.schema.source import Source
from tests.command_line import run
from tests.ingest.helpers import folder, load

ROWS = [
    (f"T{k}", f"D{k % 3}", f"S{k % 5}", f"{10 + k},{k:02d}", f"{1 + k % 28:02d}/0{1 + k % 9}/2016")
    for k in range(40)
]


def drafted(header, rows=ROWS):
    text = ";".join(header) + "\n" + "".join(";".join(row) + "\n" for row in rows)
    grid = delimited.read(
        Source("list.csv", "list", ".csv", "", data=text.encode()), frozenset(), 1 << 20
    )
    return as_toml(draft([grid]))


@pytest.mark.parametrize(
    "header",
    [("Transaction Number", "Directorate", "Supplier Name", "Net Amount", "Invoice Payment Date"),
     ("CODIGO", "DEPENDENCIA", "PROVEEDOR_CONTRATISTA", "IMPORTE_CONTRATO", "FECHA_CELEBRACION"),
     ("Aktenzeichen", "Dienststelle", "Auftragnehmer", "Betrag", "Datum"),
     ("Référence", "Acheteur", "Titulaire", "Montant", "Date"), ("Número", "Órgão", "Fornecedor", "Valor", "Data"),
     ("Numero", "Committente", "Fornitore", "Importo", "Data"), ("Nummer", "Opdrachtgever", "Leverancier", "Bedrag", "Datum"),
     ("Numer", "Zamawiający", "Wykonawca", "Kwota", "Data"), ("Nummer", "Beställare", "Leverantör", "Belopp", "Datum"),
     ("Číslo", "Zadavatel", "Dodavatel", "Částka", "Datum")],
)  # fmt: skip
def test_headers_of_ten_languages_are_found(header):
    said = drafted(header)
    for column, name in zip(("claim_id", "enterprise_id", "institution_id", "contract_amount", "submitted_on"), header, strict=True):  # fmt: skip
        assert f'{column} = "{name}"' in said, (column, said)
    ingest.parse_mapping(said, "draft")


def test_a_draft_of_a_foreign_list_loads_every_row(tmp_path):
    said = drafted(("Transaction", "Card", "Merchant", "Amount", "Date"))
    text = "Transaction;Card;Merchant;Amount;Date\n" + "".join(";".join(row) + "\n" for row in ROWS)
    loaded = load(folder(tmp_path, text, "list.csv"), ingest.parse_mapping(said, "draft"))
    assert loaded.accounts["claims"].rows_clean == len(ROWS)


def test_dates_and_amounts_without_a_telling_header_are_known_by_their_values():
    said = drafted(("a", "b", "c", "x1", "x2"))
    assert 'contract_amount = "x1"  # ?' in said and 'submitted_on = "x2"  # ?' in said


def test_a_number_that_repeats_is_no_key():
    rows = [("P1", *row[1:]) for row in ROWS]
    said = drafted(("Transaction Number", "Card", "Merchant", "Amount", "Date"), rows)
    assert 'compose = { claim_id = "{Transaction Number}-{row}" }' in said
    assert 'compose = { claim_id = "{row}" }' in drafted(("w", "Card", "Merchant", "Amount", "Date"), [("", *r[1:]) for r in ROWS])  # fmt: skip


def test_two_readings_are_asked_about_and_what_cannot_be_read_is_named():
    rows = [(*row[:4], f"0{1 + k % 9}/0{1 + k % 7}/2016") for k, row in enumerate(ROWS)]
    said = drafted(("Nr", "Card", "Merchant", "Amount", "Date"), rows)
    assert 'dates = { submitted_on = "day_first" }' in said and "can mean" in said
    rows = [(*row[:4], "2016-33-91") for row in ROWS]
    assert "cannot be read: 2016-33-91" in drafted(
        ("Nr", "Card", "Merchant", "Amount", "Date"), rows
    )


def test_every_missing_column_is_listed_with_what_it_is_needed_for(tmp_path):
    said = drafted(("w1", "w2"), [("abc", "def")] * 3)
    for column in ("institution_id", "contract_amount", "submitted_on"):
        assert f'# {column} = ""  # required' in said and "needed for" in said
    with pytest.raises(Exception, match=r"institution_id.*contract_amount.*submitted_on"):
        load(folder(tmp_path, "claim_id,programme\n1,generic\n"))


def test_a_list_of_enterprises_with_names_only_takes_the_name_as_key(tmp_path):
    folder(tmp_path, "Company name,City\nAlpha Ltd,York\nBeta GmbH,Bonn\n", "enterprises.csv")
    mapping = ingest.parse_mapping('[tables.enterprises]\ncolumns = { name = "Company name" }\ncompose = { enterprise_id = "{Company name}" }\n'
                                   '[tables.claims]\n', "m")  # fmt: skip
    folder(tmp_path, "claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,claimed_amount,submitted_on\n"
                     "1,generic,Alpha Ltd,X,testing,5,5,2016-01-01\n")  # fmt: skip
    loaded = load(tmp_path, mapping)
    assert loaded.tables["enterprises"]["enterprise_id"].to_pylist() == ["Alpha Ltd", "Beta GmbH"]


def test_the_list_to_send_back_is_written_beside_the_draft(tmp_path):
    text = "Transaction;Card;Merchant;Amount;Date\n" + "".join(";".join(row) + "\n" for row in ROWS)
    where = folder(tmp_path, text, "list.csv") / "list.csv"
    asked = ("--suggest-mapping", tmp_path / "m.toml", "--out", tmp_path / "back.xlsx")
    done = run("check", "--data", where, *asked, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.toml").exists() and (tmp_path / "back.xlsx").exists()
