"""Each programme's published facts replayed: what its text allows passes, a fen more does not."""

import datetime as dt

import pytest
from own_rules import OVERRIDE

from fraud_pipeline.programmes import evaluate
from fraud_pipeline.programmes.rules import ALL_RULES
from fraud_pipeline.settings import ProgrammeSettings
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.testing.rows import AS_OF, tables

PACKS = load_packs()
BY_CODE = {rule.code: rule for rule in ALL_RULES}
DAY = dt.date(2018, 5, 10)


class Answers:
    """(rule, claim) -> result; a rule is evaluated when it is first asked for."""

    def __init__(self, *asked):
        self._asked, self._found = asked, {}

    def __getitem__(self, key):
        rule, claim = key
        if rule not in self._found:
            results, rules = evaluate(*self._asked, [BY_CODE[rule]])
            assert not [r for r in rules.to_pylist() if r["n_error"]]
            self._found[rule] = {r["claim_id"]: r for r in results.to_pylist()}
        return self._found[rule][claim]

    def hits(self, kind):
        """Rules whose codes begin with ``kind`` and that hit any claim."""
        chosen = [r for r in ALL_RULES if r.code.startswith(kind)]
        results, _ = evaluate(*self._asked, chosen)
        return {r["rule_code"] for r in results.to_pylist() if r["outcome"] == "hit"}


def evaluate_claims(programme, claims, packs=PACKS, settings=None, **others):
    """(rule, claim) -> result; claims are named C1, C2 … in order."""
    rows = [
        {"claim_id": f"C{n}", "programme": programme, "submitted_on": DAY, **claim}
        for n, claim in enumerate(claims, 1)
    ]
    vouchers = [{"programme": programme, **v} for v in others.pop("vouchers", [])]
    given = tables(claims=rows, vouchers=vouchers, **others)
    return Answers(given, packs, AS_OF, settings or ProgrammeSettings())


def outcomes(found, rule, n):
    return [found[rule, f"C{k}"]["outcome"] for k in range(1, n + 1)]


def test_shanxi_pays_the_first_50000_in_full_and_leaves_the_rest_to_its_cities():
    places = [{"enterprise_id": f"E{n}", "region": r} for n, r in
              enumerate(["山西省太原市", "大同市", "140400", None], 1)]  # fmt: skip
    claims = [
        {"enterprise_id": f"E{n}", "contract_amount": 120_000, "claimed_amount": 85_000}
        for n in range(1, 5)
    ]
    own = [{"enterprise_id": "E1", "contract_amount": 50_000, "claimed_amount": 50_000}]
    found = evaluate_claims("shanxi", claims + own, enterprises=places)
    assert outcomes(found, "L20", 5) == ["not_applicable"] * 4 + ["pass"]


def test_a_city_states_its_share_in_a_local_file(tmp_path):
    (tmp_path / "taiyuan.toml").write_text(OVERRIDE.format(quote=""), "utf-8")
    packs = load_packs(tmp_path)
    places = [{"enterprise_id": "E1", "region": "山西省太原市"},
              {"enterprise_id": "E2", "region": "山西省大同市"}]  # fmt: skip
    claims = [
        {"contract_amount": 120_000, "claimed_amount": 85_000},
        {"contract_amount": 120_000, "claimed_amount": 85_001},
        {"enterprise_id": "E2", "contract_amount": 120_000, "claimed_amount": 85_000},
    ]
    found = evaluate_claims("shanxi", claims, packs, enterprises=places)
    assert outcomes(found, "L20", 3) == ["pass", "hit", "not_applicable"]
    assert found["L20", "C2"]["limit"] == 85_000


def test_shanxi_caps_an_enterprise_at_200000_in_a_calendar_year():
    days = ["2017-12-30", "2018-01-02", "2018-03-01", "2018-06-01", "2018-11-30", "2019-01-01"]
    claims = [
        {
            "claimed_amount": 50_000,
            "contract_amount": 50_000,
            "submitted_on": dt.date.fromisoformat(d),
        }
        for d in days[:5]
    ]
    claims[4]["claimed_amount"] = 50_000.01
    found = evaluate_claims("shanxi", claims)
    assert outcomes(found, "L01", 5) == ["pass"] * 4 + ["hit"]
    assert found["L01", "C5"]["measured"] == 200_000.01


def test_shanxi_lets_a_barred_enterprise_back_after_three_years():
    bars = [{"party_id": "E1", "starts_on": dt.date(2016, 3, 1)}]
    claims = [{"submitted_on": dt.date(2019, 2, 28)}, {"submitted_on": dt.date(2019, 3, 1)}]
    assert outcomes(evaluate_claims("shanxi", claims, sanctions=bars), "L12", 2) == ["hit", "pass"]
    # no length is published for Wuhan: the entry stands until it is lifted
    assert outcomes(evaluate_claims("wuhan", claims, sanctions=bars), "L12", 2) == ["hit", "hit"]


@pytest.mark.parametrize(
    ("known_until", "extra", "outcome"),
    [("2026-12-31", (), "hit"), ("2018-02-20", (), "not_applicable"),
     ("2026-12-31", ("2018-02-24",), "pass")],
)  # fmt: skip
def test_deadlines_are_uncertain_beyond_the_calendar_and_a_bureau_may_correct_it(
    known_until, extra, outcome
):
    settings = ProgrammeSettings(
        workdays_known_until=dt.date.fromisoformat(known_until),
        extra_holidays=tuple(dt.date.fromisoformat(day) for day in extra),
    )
    stamp = dt.datetime(2018, 2, 26, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    claims = [{"submitted_on": dt.date(2018, 2, 12), "confirmed_at": stamp}]
    assert evaluate_claims("shanxi", claims, settings=settings)["L23", "C1"]["outcome"] == outcome


def test_changxing_caps_the_class_on_application_and_not_the_bonus():
    vouchers = [
        {"voucher_id": "V1", "voucher_class": "申请类", "face_value": 30_000},
        {"voucher_id": "V2", "voucher_class": "申请类", "face_value": 30_000.01},
        {"voucher_id": "V3", "voucher_class": "奖补类", "face_value": 900_000},
        {"voucher_id": "V4", "face_value": 900_000},
    ]
    claims = [{"voucher_id": f"V{n}", "redeemer": "institution"} for n in range(1, 5)]
    found = evaluate_claims("changxing", claims, vouchers=vouchers)
    # one voucher above the cap breaks it whatever the period; several below it may or may not
    assert outcomes(found, "L01", 4) == [
        "not_applicable",
        "hit",
        "not_applicable",
        "not_applicable",
    ]
    assert "no such limit, by the rules" in found["L01", "C3"]["sentence_en"]
    assert "voucher class or region not known" in found["L01", "C4"]["sentence_en"]
    assert found["L04", "C1"]["sentence_en"].startswith("sources contradict")


def test_changxing_takes_institutions_of_three_provinces():
    places = [("I1", "上海市浦东新区"), ("I2", "320500"), ("I3", "北京市"), ("I4", None)]
    institutions = [{"institution_id": i, "region": r, "address": "解放路33号"} for i, r in places]
    claims = [{"institution_id": i} for i, _ in places]
    found = evaluate_claims("changxing", claims, institutions=institutions)
    assert outcomes(found, "L15", 4) == ["pass", "pass", "hit", "not_applicable"]


def test_shanghai_names_a_cap_and_no_period():
    claims = [{"claimed_amount": 100_000}, {"claimed_amount": 100_000.01, "enterprise_id": "E2"}]
    found = evaluate_claims("shanghai", claims)
    assert outcomes(found, "L01", 2) == ["not_applicable", "hit"]
    assert outcomes(evaluate_claims("shanghai", [{"redeemer": "institution"}]), "L04", 1) == ["hit"]


def test_zhejiang_rewards_platforms_with_30_percent():
    vouchers = [
        {"voucher_id": "V1", "voucher_class": "省级"},
        {"voucher_id": "V2", "voucher_class": "市县"},
    ]
    claims = [
        {"voucher_id": "V1", "claimed_amount": 3_000, "redeemer": "institution"},
        {
            "voucher_id": "V1",
            "claimed_amount": 3_000.02,
            "redeemer": "enterprise",
            "enterprise_id": "E2",
        },
        {
            "voucher_id": "V2",
            "claimed_amount": 9_000,
            "redeemer": "enterprise",
            "enterprise_id": "E3",
        },
    ]
    found = evaluate_claims("zhejiang", claims, vouchers=vouchers)
    assert outcomes(found, "L19", 3) == ["pass", "hit", "not_applicable"]
    assert outcomes(found, "L04", 3) == ["pass", "hit", "not_applicable"]


def test_changping_excludes_size_statutory_testing_and_any_tie():
    firms = [{"enterprise_id": "E1", "annual_revenue": 10_000_000, "employees": 100},
             {"enterprise_id": "E2", "annual_revenue": 10_000_001, "employees": 20}]  # fmt: skip
    claims = [
        {"service_title": "环境试验", "claimed_amount": 5_000},
        {"service_title": "压力容器定期检验", "claimed_amount": 5_000.02, "enterprise_id": "E2"},
    ]
    found = evaluate_claims("changping", claims, enterprises=firms)
    assert {rule: outcomes(found, rule, 2) for rule in ("L06", "L19", "T22")} == {
        "L06": ["pass", "hit"], "L19": ["pass", "hit"], "T22": ["pass", "hit"],
    }  # fmt: skip


def test_singapore_opened_to_hardware_in_march_2014():
    claims = [
        {"service_title": "服务器采购", "submitted_on": dt.date(2014, 2, 28)},
        {"service_title": "服务器采购", "submitted_on": dt.date(2014, 3, 1)},
    ]
    found = evaluate_claims("singapore", claims)
    assert outcomes(found, "T07", 2) == ["hit", "pass"]


def test_alberta_counts_in_its_own_money_and_by_class():
    vouchers = [
        {"voucher_id": "V1", "voucher_class": "small"},
        {"voucher_id": "V2", "voucher_class": "large"},
    ]
    claims = [
        {"voucher_id": v, "claimed_amount": 10_000.01, "contract_amount": 100_000}
        for v in ("V1", "V2")
    ]
    found = evaluate_claims("alberta", claims, vouchers=vouchers)
    assert outcomes(found, "L17", 2) == ["hit", "pass"]
    assert found["L17", "C1"]["sentence_en"] == (
        "10,000.01 Canadian dollars claimed at once, above the limit of 10,000 Canadian dollars"
    )
    assert "10,000加元" in found["L17", "C1"]["sentence_zh"]


def test_the_dutch_paid_two_thirds_of_a_large_voucher_and_nothing_after_a_year():
    vouchers = [{"voucher_id": "V1", "voucher_class": "groot", "issued_on": dt.date(2008, 4, 1)}]
    claims = [
        {"voucher_id": "V1", "voucher_used": 7_500, "contract_amount": 7_500, "claimed_amount": 5_000,
         "submitted_on": dt.date(2009, 4, 1)},
        {"voucher_id": "V1", "voucher_used": 0, "contract_amount": 7_500, "claimed_amount": 5_002,
         "submitted_on": dt.date(2009, 4, 2), "service_start_on": dt.date(2009, 4, 2),
         "enterprise_id": "E2"},
    ]  # fmt: skip
    found = evaluate_claims("netherlands", claims, vouchers=vouchers)
    assert outcomes(found, "L19", 2) == ["pass", "hit"]
    assert outcomes(found, "L17", 2) == ["pass", "hit"]
    assert outcomes(found, "L14", 2) == ["pass", "hit"]


def test_ireland_shows_both_limits_and_judges_by_neither():
    row = evaluate_claims("ireland", [{}], enterprises=[{"enterprise_id": "E1", "employees": 100}])[
        "L21", "C1"
    ]
    assert (row["outcome"], row["sentence_en"]) == (
        "not_applicable", "sources contradict: employees, at most",
    )  # fmt: skip
    entry = PACKS["ireland"].entry("employees_max", DAY)
    assert "less than 50" in entry.quote and "less than 250" in entry.contradicts[0].quote


@pytest.mark.parametrize("programme", ["suqian", "wenling", "huzhou"])
def test_what_is_not_published_is_not_judged(programme):
    found = evaluate_claims(programme, [{"claimed_amount": 9_999_999, "voucher_used": 9_999_999}])
    hard = found.hits("L")
    assert hard <= {"L11"} and found["L01", "C1"]["outcome"] == "not_applicable"


def test_fixed_windows_run_from_the_programmes_first_day(tmp_path):
    (tmp_path / "w.toml").write_text(
        'id = "wuhan"\nextends = "wuhan"\n[sources.own]\ntitle_zh = "口径"\ntitle_en = "Practice"\n'
        '[[rules]]\nkey = "enterprise_cap_window"\nvalue = "fixed"\nsource = "own"\n'
        'clause_zh = "固定两年"\nclause_en = "fixed two years"\n',
        "utf-8",
    )
    packs = load_packs(tmp_path)
    vouchers = [
        {"voucher_id": f"V{n}", "face_value": 100_000, "issued_on": dt.date.fromisoformat(day)}
        for n, day in enumerate(["2016-12-01", "2017-02-28", "2017-03-01"], 1)
    ]
    claims = [{"voucher_id": f"V{n}"} for n in (1, 2, 3)]
    # blocks from March 2015: to 28 February 2017, then anew
    assert outcomes(evaluate_claims("wuhan", claims, packs, vouchers=vouchers), "L01", 3) == [
        "pass",
        "hit",
        "pass",
    ]
    assert outcomes(evaluate_claims("wuhan", claims, vouchers=vouchers), "L01", 3) == [
        "pass",
        "hit",
        "hit",
    ]


def test_wuhan_pays_110_percent_of_vouchers_that_cover_half_of_a_contract():
    claims = [
        {"contract_amount": 100_000, "voucher_used": 50_000, "claimed_amount": 55_000,
         "enterprise_id": "E1", "submitted_on": dt.date(2016, 5, 10)},
        {"contract_amount": 100_000, "voucher_used": 50_000.01, "claimed_amount": 55_000,
         "enterprise_id": "E2", "submitted_on": dt.date(2016, 5, 10)},
        {"contract_amount": 100_000, "voucher_used": 50_000, "claimed_amount": 55_000.02,
         "enterprise_id": "E3", "submitted_on": dt.date(2016, 5, 10)},
    ]  # fmt: skip
    found = evaluate_claims("wuhan", claims)
    assert outcomes(found, "L02", 3) == ["pass", "hit", "pass"]
    assert outcomes(found, "L03", 3) == ["pass", "pass", "hit"]


def test_beijing_redeems_whole_vouchers_of_5000():
    claims = [{"voucher_used": 15_000, "enterprise_id": "E1"},
              {"voucher_used": 15_001, "enterprise_id": "E2"}]  # fmt: skip
    assert outcomes(evaluate_claims("beijing", claims), "L16", 2) == ["pass", "hit"]
