"""A key that is no key, keys made by a mapping, and names that look like codes."""

import pytest

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError
from fraud_pipeline.ingest.identifiers import joined, repair_lookalikes
from fraud_pipeline.settings import IngestSettings
from tests.ingest.helpers import HEAD, accounts_hold, claims, folder, load, reasons

LIMITS = IngestSettings()


def row(number, party, amount=100, day=1):
    return f"{number},wuhan,E{party},I{party % 7},testing,{amount},10,2016-07-{day:02d},1"


def file_of(tmp_path, rows):
    return folder(tmp_path, "\n".join([HEAD, *rows]) + "\n")


def test_a_constant_key_is_refused_in_one_line_that_says_how_to_make_one(tmp_path):
    rows = [row(0, k, 100 + k, 1 + k % 28) for k in range(50)]
    with pytest.raises(InputError, match="it is no key") as refused:
        load(file_of(tmp_path, rows))
    assert "claims.csv, column claim_id" in str(refused.value)
    assert 'compose = { claim_id = "{claim_id}-{row}" }' in str(refused.value)


def test_lines_of_one_payment_under_one_number_are_refused_too(tmp_path):
    rows = [row(f"P{k // 3}", k // 3, 100 + k) for k in range(60)]
    with pytest.raises(InputError, match="it is no key"):
        load(file_of(tmp_path, rows))


@pytest.mark.parametrize("template", ["{claim_id}-{row}", "{row}", "{claim_id}/{contract_amount}"])
def test_a_mapping_makes_the_key_and_keeps_every_row(tmp_path, template):
    rows = [row(f"P{k // 3}", k // 3, 100 + k) for k in range(60)]
    mapping = ingest.parse_mapping(f'[tables.claims]\ncompose = {{ claim_id = "{template}" }}', "m")
    loaded = load(file_of(tmp_path, rows), mapping)
    assert len({c["claim_id"] for c in claims(loaded)}) == 60
    accounts_hold(loaded)


def test_a_composed_key_without_one_of_its_parts_is_missing(tmp_path):
    mapping = ingest.parse_mapping('[tables.claims]\ncompose = { claim_id = "{a}-{b}" }', "m")
    where = folder(tmp_path, f"{HEAD},a,b\n{row(1, 1)},x,y\n{row(2, 2)},x,\n")
    loaded = load(where, mapping)
    assert [c["claim_id"] for c in claims(loaded)] == ["x-y"]
    assert reasons(loaded) == [(3, "claim_id", "missing")]


def test_a_column_in_the_fallback_alone_is_composed(tmp_path):
    head = HEAD.replace("claim_id,", "")
    mapping = ingest.parse_mapping('[tables.claims]\nfallback = { claim_id = "{row}" }', "m")
    where = folder(tmp_path, f"{head}\n{row(1, 1).split(',', 1)[1]}\n")
    assert [c["claim_id"] for c in claims(load(where, mapping))] == ["2"]


def test_corrections_are_older_versions_and_count_as_lost(tmp_path):
    rows = [row(k, k, 100) for k in range(20)]
    loaded = load(file_of(tmp_path, [*rows, row(3, 3, 120), row(4, 4, 100, 2)]))
    assert [r for _, _, r in reasons(loaded)] == ["superseded", "superseded"]
    ingest.require_usable(loaded, LIMITS)
    with pytest.raises(InputError, match="superseded"):
        ingest.require_usable(loaded, IngestSettings(max_quarantined_share=0.05))


def test_the_number_of_another_enterprises_claim_is_a_fault_not_an_older_version(tmp_path):
    rows = [row(k, k, 100 + k) for k in range(40)]
    loaded = load(file_of(tmp_path, [*rows, row(3, 30, 999, 9)]))
    assert [r for _, _, r in reasons(loaded)] == ["same_key_other_parties"]


@pytest.mark.parametrize(
    "name", ["Solihull Zoologist", "OxfordIslandSizzle", "ABCDEFGHJKLMNPQRTU", "lOndOn gOlf sOciety", "MANCHESTERAIRPORTS"]
)  # fmt: skip
def test_a_name_is_never_put_right_into_a_code(name):
    assert repair_lookalikes(name) == name and joined(name) == name


def test_names_in_a_column_of_codes_stay_names(tmp_path):
    names = [
        f"{a}{b} Trading"
        for a in "ABCDEFGHJKLMNPQRSTUVWXYZ"
        for b in ("CMESUPPLY", "LPHALIGHT", "ZORESOLAR")
    ]
    rows = [f"{k},wuhan,{n},I1,testing,100,10,2016-07-01,1" for k, n in enumerate(names)]
    loaded = load(file_of(tmp_path, rows))
    assert {c["enterprise_id"] for c in claims(loaded)} == set(names)
    assert loaded.repairs.num_rows == 0
