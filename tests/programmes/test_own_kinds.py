"""A bureau's own kinds of service and of institution: declared in its pack, read, priced and judged."""

import pyarrow as pa
import pytest

from fraud_pipeline import ingest
from fraud_pipeline.errors import ProgrammeError
from fraud_pipeline.pricing.catalogue import listed_prices
from fraud_pipeline.pricing.unit_price import unit_prices
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.programmes.evaluate import evaluate
from fraud_pipeline.programmes.own_kinds import own_kinds_of
from fraud_pipeline.programmes.parse import parse_pack
from fraud_pipeline.settings import IngestSettings, ProgrammeSettings
from fraud_pipeline.store.sources import open_sources

PACK = """
id = "district"
name_zh = "某区"
name_en = "a district"
[sources.own]
title_zh = "办法"
title_en = "measures"
[service_types."算力"]
name_en = "computing power"
parent = "technology_service"
words = ["算力服务", "GPU"]
[service_types."加急发明"]
name_en = "urgent invention patent"
parent = "patent_invention"
[institution_categories."算力中心"]
name_en = "computing centre"
parent = "other"
[[rules]]
key = "service_types"
value = ["算力", "patent_invention"]
source = "own"
clause_zh = "第一条"
clause_en = "article 1"
[[rules]]
key = "institution_categories"
value = ["算力中心", "university"]
source = "own"
clause_zh = "第二条"
clause_en = "article 2"
"""
CLAIMS = """claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,claimed_amount,submitted_on,quantity,unit
C1,district,E1,I1,算力服务,1000,500,2020-01-02,10,卡时
C2,district,E2,I2,gpu,2000,500,2020-01-02,10,卡时
C3,district,E3,I1,加急发明,1000,500,2020-01-02,1,件
C4,district,E4,I3,technology_service,1000,500,2020-01-02,10,卡时
C5,district,E4,I3,魔法,1000,500,2020-01-02,1,件
"""
INSTITUTIONS = "institution_id,name,category\nI1,一,算力中心\nI2,二,university\nI3,三,other\n"
PRICES = "service_type,unit,reference,source\ntechnology_service,卡时,50,a\n算力,卡时,80,b\npatent_invention,件,900,c\n"


@pytest.fixture(scope="module")
def packs():
    return {"district": parse_pack(PACK, "district.toml")}


@pytest.fixture(scope="module")
def loaded(packs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "claims.csv").write_text(CLAIMS, "utf-8")
    (folder / "institutions.csv").write_text(INSTITUTIONS, "utf-8")
    (folder / "market_prices.csv").write_text(PRICES, "utf-8")
    return ingest.load(
        open_sources(str(folder), ingest.stems(None)), IngestSettings(),
        known_programmes=currencies_of(packs), own_kinds=own_kinds_of(packs),
    )  # fmt: skip


def test_a_row_bears_the_parents_code_and_its_own_kind(loaded):
    claims = loaded.tables["claims"]
    assert claims["service_type"].to_pylist() == [
        "technology_service", "technology_service", "patent_invention", "technology_service",
    ]  # fmt: skip
    assert claims["source_kind"].to_pylist() == ["算力", "算力", "加急发明", None]
    assert loaded.tables["institutions"]["category"].to_pylist() == ["other", "university", "other"]
    assert loaded.tables["institutions"]["source_kind"].to_pylist() == ["算力中心", None, None]
    lost = loaded.quarantine.to_pylist()
    assert [(r["row"], r["reason_code"]) for r in lost] == [(6, "unknown_code")]


def test_rules_look_at_the_own_kind_and_fall_back_on_its_parent(loaded, packs):
    results, _ = evaluate(
        loaded.tables,
        packs,
        loaded.tables["claims"]["submitted_on"][0].as_py(),
        ProgrammeSettings(),
    )
    by_rule = {
        code: [r["outcome"] for r in results.to_pylist() if r["rule_code"] == code]
        for code in ("L09", "L10")
    }
    assert by_rule["L10"] == ["pass", "pass", "pass", "hit"]
    # an institution of a kind that says no more than "other" is not judged
    assert by_rule["L09"] == ["pass", "pass", "pass", "not_applicable"]


def test_an_own_kind_is_its_own_market_and_its_catalogue_falls_back_on_the_parent(loaded):
    rows = unit_prices(loaded.tables)
    assert rows["service_type"].to_pylist() == ["算力", "算力", "加急发明", "technology_service"]
    listed = listed_prices(rows, loaded.tables)
    assert listed["reference"].to_pylist() == [80.0, 80.0, 900.0, 50.0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('parent = "other"', 'parent = "bank"', "parent 'bank' is none of"),
        ('[service_types."算力"]', "[service_types.testing]", "a code of the closed list already"),
        ('words = ["算力服务", "GPU"]', 'words = "GPU"', "words must be a list"),
        ('value = ["算力"', 'value = ["云"', r"declared under \[service_types\]"),
    ],
)
def test_a_faulty_declaration_is_one_line(old, new, said):
    assert old in PACK
    with pytest.raises(ProgrammeError, match=said):
        parse_pack(PACK.replace(old, new), "district.toml")


def test_an_override_keeps_the_kinds_of_its_base(packs):
    text = 'id = "county"\nextends = "district"\n[service_types."云"]\nname_en = "cloud"\nparent = "technology_service"\n'
    county = parse_pack(text, "county.toml", packs["district"])
    assert [kind.id for kind in county.service_types] == ["算力", "加急发明", "云"]
    assert own_kinds_of({**packs, "county": county}).columns["service_type"]["云"] == (
        "云",
        "technology_service",
    )


def test_one_word_with_two_meanings_is_refused(packs):
    other = PACK.replace('id = "district"', 'id = "other"').replace(
        '"technology_service"', '"testing"'
    )
    with pytest.raises(ProgrammeError, match=r"means 算力 \(parent testing\) here"):
        own_kinds_of({**packs, "other": parse_pack(other, "other.toml")})


def test_without_own_kinds_nothing_is_noted(tmp_path):
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS.replace("算力服务", "testing"), "utf-8")
    loaded = ingest.load(open_sources(str(path), ingest.stems(None)), IngestSettings())
    assert loaded.tables["claims"]["source_kind"].null_count == loaded.tables["claims"].num_rows
    assert pa.types.is_string(loaded.tables["claims"]["source_kind"].type)
