"""Audit results that cannot be true, and amounts beyond all others, are named with their place."""

import pytest

from tests.ingest.helpers import HEAD, accounts_hold, folder, load

CLAIMS = HEAD + "\n" + "".join(
    f"C{k},wuhan,E{k},I1,testing,1000,{500 + k},2016-07-01,2\n" for k in range(6)
)  # fmt: skip
OUTCOME = "outcome_id,claim_id,decided_on,verdict,disallowed_amount,selected_by,inclusion_prob"


def loaded(tmp_path, *rows, claims=CLAIMS):
    folder(tmp_path, claims)
    folder(tmp_path, OUTCOME + "\n" + "\n".join(rows) + "\n", "outcomes.csv")
    return load(tmp_path)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [("O1,C1,2016-09-01,fraud,999999,random,0.5", "disallowed_amount", "disallowed_above_claimed"),
     ("O1,C1,2016-09-01,fraud,-5,random,0.5", "disallowed_amount", "disallowed_below_zero"),
     ("O1,C1,2016-09-01,clean,5,random,0.5", "disallowed_amount", "clean_with_money"),
     ("O1,C1,2016-01-01,fraud,5,random,0.5", "decided_on", "decided_before_claimed"),
     ("O1,C1,2016-09-01,fraud,5,random,0", "inclusion_prob", "impossible_chance")],
)  # fmt: skip
def test_an_audit_result_that_cannot_be_true_is_set_aside(tmp_path, row, column, reason):
    result = loaded(tmp_path, row, "O2,C2,2016-09-01,fraud,5,random,0.5")
    accounts_hold(result)
    assert result.tables["outcomes"]["outcome_id"].to_pylist() == ["O2"]
    entries = [e for e in result.quarantine.to_pylist() if e["table"] == "outcomes"]
    assert [(e["file"], e["row"], e["column"], e["reason_code"]) for e in entries] == [
        ("outcomes.csv", 2, column, reason)
    ]


def test_a_chance_above_one_is_no_chance(tmp_path):
    result = loaded(tmp_path, "O1,C1,2016-09-01,fraud,5,random,1.5")
    entries = [e for e in result.quarantine.to_pylist() if e["column"] == "inclusion_prob"]
    assert [e["reason_code"] for e in entries] == ["share_out_of_range"]
    assert result.tables["outcomes"]["inclusion_prob"].to_pylist() == [None]


def test_an_audit_result_on_no_claim_is_named(tmp_path):
    result = loaded(tmp_path, "O1,C77,2016-09-01,fraud,5,random,0.5")
    assert any("outcomes.csv row 2 (C77)" in note for note in result.notes)


def test_an_amount_beyond_all_others_is_named(tmp_path):
    claims = CLAIMS + "C9,wuhan,E9,I1,testing,99000000,600,2016-07-01,2\n"
    result = loaded(tmp_path, "O2,C2,2016-09-01,fraud,5,random,0.5", claims=claims)
    (note,) = [note for note in result.notes if "next largest" in note]
    assert "claims.csv row 8, column contract_amount: 99000000.00" in note
    assert not any(
        "next largest" in n for n in loaded(tmp_path, "O2,C2,2016-09-01,fraud,5,random,0.5").notes
    )
