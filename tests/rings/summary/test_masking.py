"""What leaves the house names no person, phone, account or address unless somebody asks for it."""

import html

import pyarrow as pa
import pytest

from fraud_pipeline import rings
from fraud_pipeline.graph.build import build_ties
from fraud_pipeline.rings.graph.tie_kinds import IDENTITY
from fraud_pipeline.rings.parameters import RingParameters
from fraud_pipeline.rings.summary.evidence_rows import FACTS
from fraud_pipeline.rings.summary.masking import masked_detail, masked_ties
from fraud_pipeline.schema.outputs import TIES
from fraud_pipeline.store.exports import export_tables
from fraud_pipeline.vocabulary.rings import TIE_KINDS
from fraud_pipeline.workbench import words
from tests.rings.worlds import claims_of, market, ring, sharing

SECRETS = {
    "phone": "02787654321", "email": "zhangsan@example.cn", "bank_account": "62220202001122",
    "legal_representative": "欧阳修", "person": "420106198001011234", "device": "DV0012345678",
    "address": "武汉市洪山区珞喻路1037号3栋502",
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    crew = [f"RE{n}" for n in range(6)]
    ties = []
    for kind, value in SECRETS.items():
        table = sharing([crew], kind, 0.9 if kind == "legal_representative" else 0.6)
        at = table.schema.get_field_index("detail")
        ties.append(table.set_column(at, "detail", pa.array([value] * table.num_rows, pa.string())))
    ties = pa.concat_tables(ties)
    settings = RingParameters(null_samples=9)
    return rings.find(ties, claims_of(market(1) + ring(6, 1)), settings), ties


@pytest.mark.parametrize("name", ["r.graphml", "r.gexf", "r.ftm.json", "r.json", "r.csv"])
def test_no_door_lets_a_secret_out_and_every_door_does_when_asked(found, name):
    ringset, _ = found
    ring_id = ringset.rings["ring_id"][0].as_py()
    closed, opened = (
        html.unescape(rings.export(ringset, ring_id, name, unmasked=way).decode("utf-8-sig"))
        for way in (False, True)
    )
    for secret in SECRETS.values():
        assert secret not in closed
        assert secret in opened
    assert "欧**" in closed and "RE0" in closed


def test_the_text_of_the_command_is_masked(found):
    ringset, _ = found
    ring_id = ringset.rings["ring_id"][0].as_py()
    for language in ("zh", "en"):
        said = rings.as_text(rings.masked(ringset), ring_id, language)
        assert not [s for s in SECRETS.values() if s in said]


def test_the_export_of_a_run_masks_ties_and_ring_sentences(found, tmp_path):
    ringset, ties = found
    tables = {"ring_evidence": ringset.evidence, "ties": ties}
    written = export_tables(tables, tmp_path, ("csv",))
    text = "".join(p.read_text("utf-8-sig") for p in written)
    assert not [s for s in SECRETS.values() if s in text] and "欧**" in text
    text = "".join(p.read_text("utf-8-sig") for p in
                   export_tables(tables, tmp_path / "open", ("csv",), masked=False))  # fmt: skip
    assert all(s in text for s in SECRETS.values())


def test_reasons_and_unknown_details_survive():
    assert masked_detail("address", "YARD100000 [fellow_tenants]") == "YARD10*** [fellow_tenants]"
    assert masked_detail("agent", "AG-001") == "AG-001" and masked_detail("phone", None) is None
    assert masked_ties(TIES.empty()).num_rows == 0


def test_every_kind_of_tie_has_words_in_both_languages_wherever_it_is_shown():
    made = build_ties.__doc__.split("Kinds: ")[1].split(".")[0]
    kinds = {k.strip() for k in made.split(",")}
    assert kinds >= IDENTITY | {"claim", "group", "tenancy", "money_back"}
    for kind in kinds | FACTS:
        zh, en = TIE_KINDS[kind][:2]
        assert zh and en and zh != en
    assert words.TIE_KINDS is TIE_KINDS
    roles = {"organiser", "complicit_institution", "institution", "shell", "agent", "insider",
             "drawn_in_customer", "member"}  # fmt: skip
    assert set(words.MEMBER_ROLES) == roles
