"""Small labelled pairs: the same firm in other spellings, its branches, other firms, placeholders."""

import pytest

from fraud_pipeline.ingest.linkage import names
from fraud_pipeline.ingest.linkage.records import records_of
from fraud_pipeline.testing.rows import tables

SAME = (
    ("Acme Tools Limited", "ACME TOOLS LTD."), ("Acme Tools Co., Ltd.", "Acme Tools Company Limited"),
    ("Müller Bau GmbH", "Mueller Bau G.m.b.H."), ("Müller Bau GmbH", "MULLER BAU Gesellschaft mbH"),
    ("Beispiel GmbH & Co. KG", "Beispiel GmbH und Co KG"), ("Limpiezas Sol S.L.", "LIMPIEZAS SOL SL"),
    ("Construcciones Luna, S.A.", "CONSTRUCCIONES LUNA SA"), ("Posto ABC Ltda", "POSTO ABC LTDA."), ("Initech Inc", "Initech, Incorporated"),
    ("Widget Holdings LLC", "Widget Holdings, L.L.C."), ("Umbrella Corp.", "Umbrella Corporation"), ("Dupont S.A.R.L.", "DUPONT SARL"),
    ("Zakład Test Sp. z o.o.", "ZAKLAD TEST SP Z O O"), ("武汉光瑞有限公司", "武汉光瑞有限责任公司"), ("武汉光瑞（中国）有限公司", "武汉光瑞(中国)有限公司"),
)  # fmt: skip
OTHER = (
    ("Acme Tools Ltd", "Acme Tools Ltd, Leeds Branch"), ("Müller Bau GmbH", "Müller Bau GmbH Niederlassung Köln"),
    ("武汉光瑞有限公司", "武汉光瑞有限公司黄石分公司"), ("Acme Tools Ltd", "Acme Tooling Ltd"), ("Acme Tools Ltd", "Acme Tools GmbH"),
    ("Rossa Ltd", "Ros SA"), ("武汉光瑞有限公司", "武汉光瑞股份有限公司"), ("Smith Inc", "Smith LLC"), ("武汉大学", "武汉大学附属医院"),
)  # fmt: skip


def test_the_same_firm_is_one_name_whatever_its_form_is_written_like():
    found = [pair for pair in SAME if names.name(pair[0]).whole == names.name(pair[1]).whole]
    missed = set(SAME) - set(found)
    assert missed == {("Müller Bau GmbH", "Mueller Bau G.m.b.H.")}, "ue for ü is left to a person"


@pytest.mark.parametrize("pair", OTHER)
def test_branches_and_other_firms_are_other_names(pair):
    left, right = (names.name(text) for text in pair)
    assert left.whole != right.whole


@pytest.mark.parametrize("pair", [OTHER[0], OTHER[1], OTHER[2], OTHER[8]])
def test_a_branch_is_known_as_one(pair):
    assert not names.name(pair[0]).branch and names.name(pair[1]).branch


@pytest.mark.parametrize("value", ["不详", "无", "N/A", "00000000", "0", "123456", "111111"])
def test_placeholders_are_no_evidence(value):
    firms = [
        {"enterprise_id": f"X{k}", "name": f"甲{k}公司", "phone": value, "bank_account": value,
         "legal_representative": value, "address": value}
        for k in range(2)
    ]  # fmt: skip
    for record in records_of({"enterprises": tables(enterprises=firms)["enterprises"]}).to_pylist():
        assert [record[c] for c in ("phone", "account", "person", "place")] == [None] * 4
