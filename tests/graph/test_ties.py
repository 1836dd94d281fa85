"""Ties: what is shared, discounted by how many share it, and when both sides were on record."""

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from fraud_pipeline.graph import build_ties, parameters
from fraud_pipeline.schema import INPUT_TABLES, Tables
from fraud_pipeline.settings import GraphSettings

SETTINGS = GraphSettings()


def rows(name, records):
    schema = INPUT_TABLES[name].arrow
    return pa.Table.from_pylist(
        [{field.name: r.get(field.name) for field in schema} for r in records], schema=schema
    )


def claim(n, enterprise_row, inst, **more):
    return {
        "claim_id": f"C{n:03d}", "programme": "wuhan", "enterprise_id": enterprise_row,
        "institution_id": inst, "service_type": "testing", "contract_amount": Decimal(100),
        "claimed_amount": Decimal(50), "submitted_on": date(2016, 1, 1 + n % 28), **more,
    }  # fmt: skip


def enterprise_row(name, **more):
    return {"enterprise_id": name, "name": name, **more}


def inst(name, category="ip_agency", **more):
    return {"institution_id": name, "name": name, "category": category, **more}


def ties_of(settings=SETTINGS, **tables):
    built = build_ties(Tables({k: rows(k, v) for k, v in tables.items()}), settings)
    return {(t["left_id"], t["right_id"], t["kind"]): t for t in built.to_pylist()}


def test_no_tables_no_ties():
    assert build_ties(Tables({}), SETTINGS).num_rows == 0


def test_claims_are_one_tie_a_pair_with_their_sum_and_first_day():
    ties = ties_of(claims=[claim(3, "E1", "I1"), claim(1, "E1", "I1"), claim(2, "E2", "I1")])
    tie = ties["E1", "I1", "claim"]
    assert (tie["n_claims"], tie["amount"], tie["n_sharing"]) == (2, Decimal("100.00"), 2)
    assert tie["known_on"] == date(2016, 1, 2)
    assert tie["weight"] == pytest.approx(1 / np.log(5 + 2))


def test_a_shared_phone_is_found_across_formats_and_tables():
    ties = ties_of(
        claims=[claim(1, "E1", "I1", contact_phone="027-8765 4321"), claim(9, "E2", "I1")],
        enterprises=[enterprise_row("E1"), enterprise_row("E2", phone="02787654321")],
    )
    tie = ties["E1", "E2", "phone"]
    assert tie["weight"] == pytest.approx(parameters.PHONE_WEIGHT)
    assert tie["known_on"] == date(2016, 1, 10)  # the later of both first days


@pytest.mark.parametrize("n", [2, 5, 12])
def test_a_value_shared_by_more_counts_for_less(n):
    firms = [enterprise_row(f"E{i:02d}", phone="13900001111") for i in range(n)]
    ties = ties_of(
        enterprises=firms, claims=[claim(i, f["enterprise_id"], "I1") for i, f in enumerate(firms)]
    )
    phones = [t for t in ties.values() if t["kind"] == "phone"]
    assert len(phones) == n * (n - 1) // 2
    assert all(t["weight"] == pytest.approx(parameters.PHONE_WEIGHT / (n - 1)) for t in phones)


def test_a_hub_ties_nobody():
    firms = [enterprise_row(f"E{i:03d}", phone="13900001111") for i in range(SETTINGS.hub_cap + 1)]
    ties = ties_of(
        enterprises=firms, claims=[claim(i, f["enterprise_id"], "I1") for i, f in enumerate(firms)]
    )
    assert {kind for _, _, kind in ties} == {"claim"}


def test_tenants_of_one_incubator_are_not_tied_by_its_address():
    incubator = inst("I1", "incubator", address="光谷大道1号", phone="02700000001")
    tenants = [
        enterprise_row(n, address="光谷大道1号", incubator_id="I1", phone="02700000001")
        for n in ("E1", "E2")
    ]
    stranger = enterprise_row("E3", address="光谷大道1号")
    claims = [claim(i, e["enterprise_id"], "I1") for i, e in enumerate([*tenants, stranger])]
    ties = ties_of(enterprises=[*tenants, stranger], institutions=[incubator], claims=claims)
    assert ties["E1", "E2", "address"]["weight"] == 0
    assert "fellow_tenants" in ties["E1", "E2", "address"]["detail"]
    assert ties["E1", "I1", "phone"]["weight"] == 0
    assert ties["E1", "I1", "tenancy"]["weight"] == 0
    assert ties["E1", "E3", "address"]["weight"] > 0


def test_a_namesake_alone_is_weak_and_with_a_phone_strong():
    firms = [
        enterprise_row("E1", legal_representative="王伟", phone="13900001111"),
        enterprise_row("E2", legal_representative="王 伟", phone="13900001111"),
        enterprise_row("E3", legal_representative="李娜"), enterprise_row("E4", legal_representative="李娜"),
    ]  # fmt: skip
    claims = [claim(i, f["enterprise_id"], "I1") for i, f in enumerate(firms)]
    ties = ties_of(enterprises=firms, claims=claims)
    assert ties["E1", "E2", "legal_representative"]["weight"] == parameters.SAME_NAME_WEIGHT
    assert ties["E3", "E4", "legal_representative"]["weight"] == parameters.NAMESAKE_WEIGHT


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.25, parameters.PERSON_WEIGHT), (0.249, parameters.SOFT_HOLDING_WEIGHT), (0.04, None)],
)
def test_a_holding_counts_by_its_share(share, expected):
    relations = [
        {"party_id": "E1", "person_id": "P1", "role": "shareholder", "share": share},
        {"party_id": "I1", "person_id": "P1", "role": "legal_representative"},
    ]
    ties = ties_of(relations=relations, claims=[claim(1, "E1", "I1")], institutions=[inst("I1")])
    found = ties.get(("E1", "I1", "person"))
    assert (found and found["weight"]) == expected


def test_a_spin_off_is_not_held_against_its_university():
    relations = [{"party_id": "E1", "person_id": "U1", "role": "shareholder", "share": 0.4}]
    ties = ties_of(
        relations=relations, claims=[claim(1, "E1", "U1")], institutions=[inst("U1", "university")]
    )
    assert ties["E1", "U1", "person"]["weight"] == 0
    assert "spin_off" in ties["E1", "U1", "person"]["detail"]


def test_a_role_that_ended_before_the_other_began_ties_nobody():
    relations = [
        {"party_id": "E1", "person_id": "P", "role": "executive", "until_on": date(2014, 1, 1)},
        {"party_id": "E2", "person_id": "P", "role": "executive", "since_on": date(2015, 1, 1)},
    ]
    ties = ties_of(relations=relations, claims=[claim(1, "E1", "I1"), claim(2, "E2", "I1")])
    assert ("E1", "E2", "person") not in ties


def test_money_an_institution_paid_to_a_client_is_a_tie():
    payments = [
        {"payment_id": "P1", "payer_id": "I1", "payee_id": "E1", "amount": Decimal(30),
         "paid_on": date(2016, 2, 1)},
        {"payment_id": "P2", "payer_id": "E1", "payee_id": "I1", "amount": Decimal(100),
         "paid_on": date(2016, 1, 1)},
    ]  # fmt: skip
    ties = ties_of(claims=[claim(1, "E1", "I1")], payments=payments)
    back = ties["E1", "I1", "money_back"]
    assert (back["amount"], back["n_claims"]) == (Decimal("30.00"), 1)


def texts(n, own):
    rng = np.random.default_rng(n)
    words = "".join(chr(0x4E00 + int(c)) for c in rng.integers(0, 3000, 60))
    return words if own else "本项目按合同约定完成全部技术开发任务并通过甲方验收" * 3


def test_copied_reports_tie_enterprises_and_a_template_does_not():
    many = [claim(i, f"E{i:03d}", "I1", report_text=texts(i, own=False) + texts(i, own=True))
            for i in range(parameters.TEXT_HUB_CAP + 5)]  # fmt: skip
    assert not [k for k in ties_of(claims=many) if k[2] == "text"]
    many[1]["report_text"] = many[0]["report_text"]
    copied = [t for t in ties_of(claims=many).values() if t["kind"] == "text"]
    assert [(t["left_id"], t["right_id"], t["detail"]) for t in copied] == [
        ("E000", "E001", "1.00")
    ]


def test_row_order_does_not_matter_and_the_input_is_unchanged():
    rng = np.random.default_rng(0)
    claims = rows(
        "claims",
        [
            claim(i, f"E{rng.integers(8)}", f"I{rng.integers(3)}",
                  device_id=f"D{rng.integers(6)}", contact_phone=f"1390000{rng.integers(9):04d}")
            for i in range(60)
        ],
    )  # fmt: skip
    copy = claims.slice(0)
    shuffled = claims.take(rng.permutation(60))
    assert build_ties(Tables({"claims": claims}), SETTINGS).equals(
        build_ties(Tables({"claims": shuffled}), SETTINGS)
    )
    assert claims.equals(copy)


def test_a_claim_tie_says_where_the_enterprise_is():
    ties = ties_of(
        claims=[claim(1, "E1", "I1"), claim(2, "E2", "I1")],
        enterprises=[enterprise_row("E1", region=" 襄阳 "), enterprise_row("E2")],
    )
    assert ties["E1", "I1", "claim"]["detail"] == "襄阳"
    assert ties["E2", "I1", "claim"]["detail"] is None


def test_what_one_company_holds_openly_is_a_group_and_what_a_person_holds_is_not():
    company, person = "91420100MA4KTGRX2H", "ps0000017"

    def held(party, by, share=0.6, **more):
        return {"party_id": party, "person_id": by, "role": "shareholder", "share": share, **more}

    ties = ties_of(
        claims=[claim(n, f"E{n}", "I1") for n in range(1, 9)],
        enterprises=[enterprise_row(f"E{n}") for n in range(1, 9)],
        institutions=[inst("I1")],
        relations=[
            held("E1", company), held("E2", company), held("E3", company, 0.4),
            held("E4", company, until_on=date(2015, 1, 1)),
            held("E5", person), held("E6", person), held("E8", "E7"),
        ],
    )  # fmt: skip
    groups = {k: t for k, t in ties.items() if k[2] == "group"}
    assert set(groups) == {("E1", "E2", "group"), ("E7", "E8", "group")}
    assert all(t["weight"] == 0 and "own_group" in t["detail"] for t in groups.values())


def test_payments_in_both_directions_are_ties_where_money_came_back():
    def paid(n, payer, payee, amount):
        return {"payment_id": f"P{n}", "payer_id": payer, "payee_id": payee,
                "amount": Decimal(amount), "paid_on": date(2016, 2, n)}  # fmt: skip

    ties = ties_of(
        claims=[claim(1, "E1", "I1"), claim(2, "E2", "I1")],
        payments=[paid(1, "E1", "I1", 100), paid(2, "E1", "I1", 50), paid(3, "I1", "E1", 90),
                  paid(4, "E2", "I1", 100)],
    )  # fmt: skip
    back, out = ties["E1", "I1", "money_back"], ties["E1", "I1", "payment"]
    assert (back["amount"], back["source"], back["known_on"]) == (
        Decimal(90), "payments P3", date(2016, 2, 3),
    )  # fmt: skip
    assert (out["amount"], out["n_claims"], out["weight"]) == (Decimal(150), 2, 0.0)
    assert out["source"] == "payments P1 P2" and out["known_on"] == date(2016, 2, 1)
    assert ("E2", "I1", "payment") not in ties


def test_a_declared_refund_of_part_of_the_price_is_no_tie():
    def paid(n, contract, payer, payee, amount, purpose=None):
        return {"payment_id": f"P{n}", "payer_id": payer, "payee_id": payee, "contract_id": contract,
                "amount": Decimal(amount), "paid_on": date(2016, 2, n), "purpose": purpose}  # fmt: skip

    ties = ties_of(
        claims=[claim(1, "E1", "I1"), claim(2, "E2", "I1"), claim(3, "E3", "I1")],
        payments=[
            paid(1, "K1", "E1", "I1", 100), paid(2, "K1", "I1", "E1", 79, "退多付款"),
            paid(3, "K2", "E2", "I1", 100), paid(4, "K2", "I1", "E2", 80, "Refund"),
            paid(5, "K3", "E3", "I1", 100), paid(6, "K3", "I1", "E3", 20, "往来款"),
        ],
    )  # fmt: skip
    back = {key[0]: tie["source"] for key, tie in ties.items() if key[2] == "money_back"}
    assert back == {"E2": "payments P4", "E3": "payments P6"}
