"""The door for mappings: whatever a file says, one clear error or claims that are accounted for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fraud_pipeline import ingest
from fraud_pipeline.errors import InputError, SettingsError
from fraud_pipeline.schema import INPUT_TABLES
from fraud_pipeline.schema.source import Source
from fraud_pipeline.settings import IngestSettings

HEADERS = ("Supplier", "Amount", "Date", "No", "Dépt", "a}b", "")
COLUMNS = st.sampled_from([*INPUT_TABLES["claims"].names, "nonsense", "*"])
WORDS = st.one_of(
    st.sampled_from([*HEADERS, "{row}", "{Amount}-{row}", "{", "{}", "day_first", "%d/%m/%Y", ",", ".", "GBP", "XXX",
                     "payments_gbp", "other", "credits_negative", "0", "1e999", "Europe/London", "100"]),
    st.text(max_size=8),
)  # fmt: skip
DICTS = st.dictionaries(COLUMNS, WORDS, max_size=4)
MAPPINGS = st.fixed_dictionaries(
    {},
    optional={
        "columns": DICTS, "constants": DICTS, "factors": DICTS, "fallback": DICTS, "compose": DICTS, "dates": DICTS,
        "decimal": DICTS, "thousands": DICTS, "signs": DICTS, "currency": WORDS, "time_zone": WORDS,
        "only": st.dictionaries(WORDS, st.lists(WORDS, max_size=2), max_size=2),
        "values": st.dictionaries(COLUMNS, st.dictionaries(WORDS, WORDS, max_size=2), max_size=2),
    },
)  # fmt: skip
ROWS = 'Supplier,Amount,Date,No,Dépt,a}b,\nA,"1,50",13/02/2016,1,x,y,z\nB,£2,2016-02-14,2,,,\n'


def toml(tree):
    """A tree of texts as TOML; odd texts as basic strings with every sign escaped."""

    def quoted(text):
        return (
            '"'
            + "".join(f"\\U{ord(c):08x}" if not 0xD800 <= ord(c) <= 0xDFFF else "?" for c in text)
            + '"'
        )

    def value(one):
        if isinstance(one, dict):
            return "{ " + ", ".join(f"{quoted(k)} = {value(v)}" for k, v in one.items()) + " }"
        if isinstance(one, list):
            return "[" + ", ".join(map(value, one)) + "]"
        return quoted(one)

    return "[tables.claims]\n" + "".join(f"{key} = {value(one)}\n" for key, one in tree.items())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MAPPINGS)
def test_any_mapping_ends_in_one_line_or_in_accounted_rows(tree):
    try:
        mapping = ingest.parse_mapping(toml(tree), "m.toml")
        source = Source("list.csv", "list", ".csv", "", data=ROWS.encode())
        loaded = ingest.load(
            [source], IngestSettings(), mapping, known_programmes={"payments_gbp": "GBP"}
        )
    except (InputError, SettingsError) as error:
        assert "\n" not in str(error) and "None" not in str(error).split(":")[-1], error
        return
    account = loaded.accounts["claims"]
    assert account.rows_in == account.rows_clean + account.rows_quarantined


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_as_a_mapping_is_one_line(text):
    try:
        ingest.parse_mapping(text, "m.toml")
    except SettingsError as error:
        assert str(error).startswith("m.toml")


def test_a_mapping_that_fits_is_read():
    tree = {"columns": {"institution_id": "Supplier", "contract_amount": "Amount", "claimed_amount": "Amount", "submitted_on": "Date"},
            "compose": {"claim_id": "{row}"}, "constants": {"programme": "payments_gbp", "service_type": "other", "enterprise_id": "x"},
            "decimal": {"*": ","}}  # fmt: skip
    source = Source("list.csv", "list", ".csv", "", data=ROWS.encode())
    loaded = ingest.load(
        [source],
        IngestSettings(),
        ingest.parse_mapping(toml(tree), "m"),
        known_programmes={"payments_gbp": "GBP"},
    )
    assert loaded.tables["claims"].num_rows == 2
    with pytest.raises(SettingsError, match="no column"):
        ingest.parse_mapping(toml({"columns": {"nonsense": "x"}}), "m.toml")
