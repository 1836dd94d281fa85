"""Every number told leads to rows, and the rows bear it out."""

import re
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fraud_pipeline import rings
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.summary.evidence_rows import FACTS, MARKS
from fraud_pipeline.rings.summary.timeline import timeline
from fraud_pipeline.schema.outputs import TIES
from tests.rings.worlds import START, claims_of, market, random_groups, ring, sharing

SETTINGS = RingParameters(null_samples=19)


def world():
    """A ring of eight whose institution has honest clients, with an agent, money back, a site."""
    trades = market(3) + ring(8, 1, name="A")
    trades += [(f"E{n:04d}", "AI0", 7000, market(3)[n][3]) for n in range(3)]
    trades += [("AE1", "I000", 900, market(3)[0][3])]
    honest = random_groups(3, {t[0] for t in market(3)}, [10, 6, 4, 3])
    crew = [f"AE{n}" for n in range(8)]
    rest = [
        {"left_id": f"AE{n}", "left_kind": "enterprise", "right_id": "AI0", "amount": Decimal(1000),
         "right_kind": "institution", "kind": "money_back", "weight": 1.0, "n_claims": 2,
         "source": f"payments P{n}"} for n in range(3)
    ] + [
        {"left_id": "AE0", "left_kind": "enterprise", "right_id": "AE1", "n_sharing": 2,
         "right_kind": "enterprise", "kind": "address", "weight": 0.0,
         "detail": "YARD1 [fellow_tenants]", "source": "enterprises"}
    ]  # fmt: skip
    ties = pa.concat_tables(
        [
            sharing([crew, *honest]), sharing([crew[:5]], "agent", 0.3),
            pa.Table.from_pylist(rest, schema=TIES.arrow),
        ]
    )  # fmt: skip
    return claims_of(trades), ties


@pytest.fixture(scope="module")
def told():
    claims, ties = world()
    found = rings.find(ties, claims, SETTINGS)
    ring_id = found.rings["ring_id"][0].as_py()
    rows = found.evidence.filter(pc.equal(found.evidence["ring_id"], ring_id)).to_pylist()
    return claims, found, found.rings.to_pylist()[0], rows


def marked(text, rows):
    """[(what is said, rows it names)], in order."""
    out = []
    for said, mark in re.findall(r"([^\[\]]+)\[(E[^\]]*)\]", text):
        numbers = []
        for span in mark.replace("E", "").split(","):
            first, *last = [int(n) for n in span.split("–")]
            numbers += range(first, (last or [first])[0] + 1)
        out.append((said, [rows[n - 1] for n in numbers]))
    return out


def test_evidence_sentences_begin_with_their_numbers(told):
    *_, rows = told
    for place, row in enumerate(rows, 1):
        assert row["sentence_zh"].startswith(f"E{place} ")
        assert row["sentence_en"].startswith(f"E{place} ")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_number_of_the_story_has_its_rows(told, language):
    claims, _, row, rows = told
    story = row[f"story_{language}"]
    unmarked = re.sub(r"\[E[^\]]*\]", "\0", story).split("\0")[-1]
    assert not re.search(r"\d", unmarked)  # after the last mark no number is left
    parts = marked(story, rows)
    by_id = {c["claim_id"]: c for c in claims.to_pylist()}
    first = parts[0][1]
    ids = [c for r in first for c in r["source"].removeprefix("claims ").split()]
    assert {r["kind"] for r in first} == {"claim"} and len(ids) == len(set(ids)) == row["n_claims"]
    assert sum(by_id[c]["claimed_amount"] for c in ids) == row["amount"]
    assert {by_id[c]["enterprise_id"] for c in ids} == {f"AE{n}" for n in range(8)}
    kinds = {frozenset(r["kind"] for r in found) for _, found in parts}
    assert {frozenset(k) for k in (["phone"], ["agent"], ["money_back"], ["elsewhere"],
                                   ["other_clients"], ["chance"], ["address"])} <= kinds  # fmt: skip
    for said, found in parts:
        if {r["kind"] for r in found} in ({"phone"}, {"agent"}):
            firms = {r[s] for r in found for s in ("left_id", "right_id")}
            assert re.search(rf"（{len(firms)}家）|\({len(firms)} firms\)", said)


def test_the_core_is_smaller_and_convinces_by_itself(told):
    claims, _, row, rows = told
    core = dict((frozenset(r["kind"] for r in f), f) for _, f in marked(row["story_en"], rows))
    core = max(core.values(), key=lambda f: len({r["kind"] for r in f}))
    firms = {r[s] for r in core for s in ("left_id", "right_id")} & {f"AE{n}" for n in range(8)}
    assert 3 <= len(firms) < 8
    assert f"{len(firms)} of the firms alone" in row["story_en"]
    kept = pc.or_(
        pc.is_in(claims["enterprise_id"], pa.array(sorted(firms))),
        pc.invert(pc.starts_with(claims["enterprise_id"], "AE")),
    )
    _, ties = world()
    alone = rings.find(ties, claims.filter(kept), SETTINGS).rings.to_pylist()[0]
    assert alone["p_value"] <= 0.1 and alone["n_enterprises"] == len(firms)


def test_facts_about_one_party_are_no_edges(told):
    _, found, row, rows = told
    graph = rings.as_networkx(found, row["ring_id"])
    assert {r["kind"] for r in rows} >= FACTS - {"judgement", *MARKS}
    assert not {d["kind"] for *_, d in graph.edges(data=True)} & FACTS
    assert all(a != b for a, b in graph.edges())


def test_the_one_tied_to_all_who_filed_first_is_in_the_middle():
    trades = market(4) + [(f"AE{n}", "AI0", 5000, market(4)[0][3].replace(2016, 5, 1 + 3 * n))
                          for n in range(7)]  # fmt: skip
    ties = pa.concat_tables([sharing([["AE0", f"AE{n}"]], "device", 0.6) for n in range(1, 7)])
    found = rings.find(ties, claims_of(trades), SETTINGS)
    roles = dict(zip(found.members["party_id"].to_pylist(), found.members["role"].to_pylist(),
                     strict=True))  # fmt: skip
    assert roles["AE0"] == "organiser" and roles["AE5"] == "member"
    assert list(roles.values()).count("organiser") == 1


def test_an_agent_that_is_a_party_is_called_one():
    crew = [f"AE{n}" for n in range(6)]
    ties = pa.concat_tables([sharing([crew], "agent", 0.3), sharing([crew])])
    named = np.where(np.array(ties["kind"].to_pylist()) == "agent", "AI0", "13900000000")
    ties = ties.set_column(
        ties.schema.get_field_index("detail"), "detail", pa.array(named.tolist())
    )
    found = rings.find(ties, claims_of(market(5) + ring(6, 1, name="A")), SETTINGS)
    roles = dict(zip(found.members["party_id"].to_pylist(), found.members["role"].to_pylist(),
                     strict=True))  # fmt: skip
    assert roles["AI0"] == "agent" and "organiser" not in roles.values()


def test_time_and_money_add_up_to_the_story_and_name_their_rows(told):
    _claims, found, row, rows = told
    months = timeline(rows)
    assert [m.month for m in months] == sorted({m.month for m in months})
    assert sum(m.claimed for m in months) == row["amount"]
    assert sum(m.edges for m in months) == sum(r["kind"] == "claim" for r in rows)
    assert sum(m.paid_back for m in months) == 0  # these payments have no day
    dated = [{**r, "known_on": row["last_on"]} if r["kind"] == "money_back" else r for r in rows]
    assert sum(m.paid_back for m in timeline(dated)) == Decimal(3000)
    numbers = {f"E{n}" for n, r in enumerate(rows, 1) if r["kind"] == "claim"}
    said = set()
    for month in months:
        for span in month.rows.split(","):
            first, *last = [int(n.removeprefix("E")) for n in span.split("–")]
            said |= {f"E{n}" for n in range(first, (last or [first])[0] + 1)}
    assert said == numbers
    for language, word in (("zh", "时间与资金"), ("en", "Time and money")):
        text = rings.as_text(found, row["ring_id"], language)
        assert word in text and all(m.month in text for m in months)


@settings(max_examples=10, deadline=None)
@given(st.integers(3, 60), st.integers(1, 6), st.integers(0, 9_999))
def test_a_story_stays_under_120_words_whatever_the_ring(firms, insts, seed):
    crew = [f"AE{n}" for n in range(firms)]
    trades = ring(firms, insts, name="A", seed=seed)
    trades += [(f, f"X{n % 7}", 10**9, START) for n, f in enumerate(crew)]
    trades += [("OTHER", f"AI{n}", 7, START) for n in range(insts)]
    kinds = ("phone", "agent", "bank_account", "text", "email", "device", "person", "address")
    ties = [sharing([crew], kind, 0.6) for kind in kinds if firms <= 31]
    back = [{"left_id": f, "left_kind": "enterprise", "right_id": "AI0", "kind": "money_back",
             "right_kind": "institution", "weight": 1.0, "n_claims": 9, "known_on": START,
             "amount": Decimal("123456789.01"), "source": "payments P"} for f in crew]  # fmt: skip
    ties.append(pa.Table.from_pylist(back, schema=TIES.arrow))
    found = rings.find(
        pa.concat_tables(ties), claims_of(trades + market(3)), RingParameters(null_samples=0)
    )
    for row in found.rings.to_pylist():
        words = re.sub(r"\[E[^\]]*\]", " ", row["story_en"])
        assert len(words.split()) < 120
        assert (
            len(
                re.findall(
                    r"[\u4e00-\u9fff]+|[0-9][0-9,.:-]*",
                    re.sub(r"\[E[^\]]*\]", " ", row["story_zh"]),
                )
            )
            < 120
        )
