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
        "technology_service", "technology_service", "patent_invention", "technology_service", "other",
    ]  # fmt: skip
    assert claims["source_kind"].to_pylist() == ["算力", "算力", "加急发明", None, "魔法"]
    assert loaded.tables["institutions"]["category"].to_pylist() == ["other", "university", "other"]
    assert loaded.tables["institutions"]["source_kind"].to_pylist() == ["算力中心", None, None]
    assert loaded.quarantine.num_rows == 0
    noted = [(r["row"], r["before"], r["after"]) for r in loaded.repairs.to_pylist()
             if r["kind"] == "kind_not_listed"]  # fmt: skip
    assert noted == [(6, "魔法", "魔法")]


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
    assert by_rule["L10"] == ["pass", "pass", "pass", "hit", "not_applicable"]
    # an institution of a kind that says no more than "other" is not judged
    assert by_rule["L09"] == ["pass", "pass", "pass", "not_applicable", "not_applicable"]


def test_an_own_kind_is_its_own_market_and_its_catalogue_falls_back_on_the_parent(loaded):
    rows = unit_prices(loaded.tables)
    assert rows["service_type"].to_pylist() == [
        "算力",
        "算力",
        "加急发明",
        "technology_service",
        "魔法",
    ]
    listed = listed_prices(rows, loaded.tables)
    assert listed["reference"].to_pylist() == [80.0, 80.0, 900.0, 50.0, None]


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
    listed = CLAIMS
    for word in ("算力服务", "gpu", "加急发明", "魔法"):
        listed = listed.replace(word, "testing")
    path.write_text(listed, "utf-8")
    loaded = ingest.load(open_sources(str(path), ingest.stems(None)), IngestSettings())
    assert loaded.tables["claims"]["source_kind"].null_count == loaded.tables["claims"].num_rows
    assert pa.types.is_string(loaded.tables["claims"]["source_kind"].type)


def loaded_claims(tmp_path, words):
    head, row = (
        "claim_id,programme,enterprise_id,institution_id,service_type,contract_amount,",
        ("C{n},wuhan,E1,I1,{word},1000,500,2020-01-02\n"),
    )
    text = head + "claimed_amount,submitted_on\n"
    text += "".join(row.format(n=n, word=word) for n, word in enumerate(words))
    path = tmp_path / "claims.csv"
    path.write_text(text, "utf-8")
    return ingest.load(open_sources(str(path), ingest.stems(None)), IngestSettings())


def test_a_file_in_other_words_loses_no_row(tmp_path):
    words = ["product_testing", "Lab time", "Lab time", "lab  time", "testing"]
    claims = loaded_claims(tmp_path, words).tables["claims"]
    assert claims["service_type"].to_pylist() == ["other"] * 4 + ["testing"]
    assert claims["source_kind"].to_pylist() == [
        "product_testing", "lab time", "lab time", "lab time", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "word",
    [
        "8000",
        "2020-01-02",
        "不详",
        "n/a",
        "#REF!",
        "委托方与受托方就本项目全部技术服务内容达成如下一致意见并在双方签字盖章之后自即日起生效",
    ],
)
def test_what_names_no_kind_sets_the_row_aside(tmp_path, word):
    loaded = loaded_claims(tmp_path, [word, "testing"])
    assert loaded.tables["claims"]["claim_id"].to_pylist() == ["C1"]
    assert loaded.quarantine["column"].to_pylist() == ["service_type"]


def test_a_column_of_names_is_not_read_as_kinds(tmp_path):
    loaded = loaded_claims(
        tmp_path, ["testing", *(f"Firm {chr(97 + n % 26)}{n}" for n in range(60))]
    )
    assert loaded.tables["claims"].num_rows == 1
