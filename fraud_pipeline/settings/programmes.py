"""Thresholds of the red flags that are not law; law stands in the programme packs."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, field_validator

from fraud_pipeline.core.strict_models import nearest
from fraud_pipeline.settings.model import ASSUMPTION, Pattern, SettingsTable, setting
from fraud_pipeline.vocabulary.services import SERVICES

_MEASURED = "assumption; hits and false alarms are measured by `python -m benchmarks.flags`"
_PACKS = "assumption; a programme's own text goes into its pack"
_WUHAN = "words of the Wuhan, Beijing and Changping texts (docs/flags)"

Days = Annotated[int, Field(ge=0, le=3_650)]


class ProgrammeSettings(SettingsTable):
    """Thresholds of the red flags. Each page under `docs/flags` says how its flag uses them."""

    fires_often_share: float = setting(
        0.05,
        "A rule that hits more of what it judged is marked and counts half.",
        unit="share of claims judged", ge=0, le=1, source=ASSUMPTION,
    )  # fmt: skip
    min_peers: int = setting(
        20,
        "T02, T09: fewer enterprises make no peer group.",
        unit="enterprises", ge=2, le=100_000, source=ASSUMPTION,
    )  # fmt: skip

    text_similarity: float = setting(
        0.9,
        "T01: texts count as equal from this similarity of their passages of five characters on.",
        unit="Jaccard similarity", gt=0, le=1, source=_MEASURED,
    )  # fmt: skip
    near_text_similarity: float = setting(
        0.6,
        "T32: reports that share so much are pointed out.",
        unit="Jaccard similarity", gt=0, le=1, source=_MEASURED,
    )  # fmt: skip
    text_template_enterprises: int = setting(
        30,
        "T01: a text of more enterprises than this is a template.",
        unit="enterprises", ge=2, le=100_000, source=_MEASURED,
    )  # fmt: skip
    volume_min_filings: int = setting(
        30, "T02: so many filings are ordinary.", unit="filings", ge=1, le=100_000,
        source=_MEASURED,
    )  # fmt: skip
    volume_peer_quantile: float = setting(
        0.98,
        "T02: the part of the peers' busiest seasons that stays below the limit.",
        unit="share of enterprises", gt=0, lt=1, source=_MEASURED,
    )  # fmt: skip
    volume_filings_per_head: float = setting(
        0.5,
        "T02: filings per person on the staff that are ordinary.",
        unit="filings per person", gt=0, le=10_000, source=_MEASURED,
    )  # fmt: skip
    expiry_spend_days: int = setting(
        15,
        "T03: a voucher used up so shortly before its last day is pointed out.",
        unit="days", ge=0, le=366, source=ASSUMPTION,
    )  # fmt: skip
    overprice_times: float = setting(
        2.5,
        "T04: a price so many times the catalogue's upper price is pointed out.",
        unit="times", gt=1, le=1_000, source="catalogues differ two- to fourfold (docs/flags/T04.md)",
    )  # fmt: skip
    peer_price_times: float = setting(
        1.55,
        "T04: a price so many times the median under the same title is pointed out.",
        unit="times", gt=1, le=1_000, source=_MEASURED,
    )  # fmt: skip
    transfer_paid_share: float = setting(
        0.5,
        "T05: so much of a contract paid by somebody else points to a transferred voucher.",
        unit="share of the payments", gt=0, le=1, source=_MEASURED,
    )  # fmt: skip
    goods_words: Pattern = setting(
        "采购|购置|购买|设备销售|服务器|电脑|打印机|办公家具|硬件|耗材|原材料|培训费|代理记账|代记账",
        "T07: words of goods, training or bookkeeping in a service title or invoice item.",
        unit="regular expression (RE2)", range_text="not empty", source=_WUHAN,
    )  # fmt: skip
    goods_excluded_words: Pattern = setting(
        "租赁|使用费|检测|测试|共享|校准|维护",
        "T07: words that show a service in spite of these.",
        unit="regular expression (RE2)", range_text="not empty", source=_MEASURED,
    )  # fmt: skip
    goods_vat_rates: tuple[Annotated[float, Field(ge=0, le=1)], ...] = setting(
        (0.13, 0.16, 0.17),
        "T27: VAT rates of goods, in force at different times.",
        unit="tax rates", range_text="each from 0 to 1", source="law: VAT rates of goods in China",
    )  # fmt: skip
    goods_item_classes: Pattern = setting(
        r"^\*[^*]*(设备|仪器仪表|计算机|电子|机械|材料|制品|家具|车|办公用品|文具|食品|服装|金属)[^*]*\*",
        "T27: tax classes of goods at the head of an invoice item.",
        unit="regular expression (RE2)", range_text="not empty",
        source="law: classes of goods and services for invoicing, State Taxation Administration 2016",
    )  # fmt: skip
    statutory_words: Pattern = setting(
        "强制检定|强制检验|法定检验|年检|年审|周期检定|定期检验|强制性认证|首次检定",
        "T22: words of inspections that the law demands anyway.",
        unit="regular expression (RE2)", range_text="not empty",
        source="published rule: Changping voucher measures 2017, article 6",
    )  # fmt: skip
    concentration_share: float = setting(
        0.2,
        "T09: an enterprise with so much of the programme's money in a year is pointed out.",
        unit="share of the money", gt=0, le=1, source=ASSUMPTION,
    )  # fmt: skip
    report_min_chars: int = setting(
        30,
        "T10: a shorter report without any figure cannot be reviewed.",
        unit="characters", ge=1, le=10_000, source=ASSUMPTION,
    )  # fmt: skip
    amount_tolerance_share: float = setting(
        0.01,
        "T11: amounts of two documents that differ by less agree.",
        unit="share of the amount", ge=0, le=1, source=ASSUMPTION,
    )  # fmt: skip
    contact_hub_enterprises: int = setting(
        30,
        "T13: a contact of more enterprises is a bookkeeper's.",
        unit="enterprises", ge=2, le=100_000, source=_MEASURED,
    )  # fmt: skip
    money_back_share: float = setting(
        0.1,
        "T14: so much of what was paid came back from the institution.",
        unit="share of the payments", gt=0, le=1, source=_MEASURED,
    )  # fmt: skip
    money_back_days: int = setting(
        60,
        "T14: longest round trip of money through one party in between.",
        unit="days", ge=0, le=3_650, source=_MEASURED,
    )  # fmt: skip
    trade_words: Pattern = setting(
        "货款|材料款|材料采购|原料|设备款|采购款|租金|房租|运费|工资",
        "T14: purposes of payments that are trade between the two parties and no money back.",
        unit="regular expression (RE2)", range_text="not empty", source=ASSUMPTION,
    )  # fmt: skip
    shell_age_days: int = setting(
        180,
        "T15: an enterprise without staff that claims so soon after its founding.",
        unit="days", ge=0, le=3_650, source=_MEASURED,
    )  # fmt: skip
    split_limit_amounts: tuple[Annotated[float, Field(gt=0)], ...] = setting(
        (50_000.0, 100_000.0, 200_000.0),
        "T17: contract amounts from which on a programme looks harder or pays less.",
        unit="currency of the programme", range_text="each above 0",
        source="published rule: Shanxi pays up to 50,000 yuan in full; else an assumption",
    )  # fmt: skip
    split_days: int = setting(
        30, "T17: parts of one contract lie within so many days.", unit="days", ge=0, le=3_650,
        source=_MEASURED,
    )  # fmt: skip
    related_share: float = setting(
        0.25,
        "T18, L27: a holding from here on makes parties related; a pack's own line goes first.",
        unit="share of the capital", gt=0, le=1,
        source="law: State Taxation Administration announcement 2016 no. 42",
    )  # fmt: skip
    related_soft_share: float = setting(
        0.05,
        "L27: a holding from here on is pointed out.",
        unit="share of the capital", gt=0, le=1, source=_PACKS,
    )  # fmt: skip
    order_tolerance_days: int = setting(
        2,
        "T19, T33: papers so many days late or early are no lead.",
        unit="days", ge=0, le=366, source=ASSUMPTION,
    )  # fmt: skip
    service_min_days: dict[str, Days] = setting(
        {
            "technology_development": 7, "technology_transfer": 5, "technology_service": 3,
            "hightech_certification": 5, "patent_invention": 3, "patent_utility": 2, "testing": 2,
        },
        "T33: least days that a service of this type takes; a type left out is judged by the "
        "order of its papers only.",
        unit="days by service type", range_text="each from 0 to 3650", source=ASSUMPTION,
    )  # fmt: skip
    same_amount_enterprises: int = setting(
        4,
        "T20: enterprises with exactly the same odd amount at one institution.",
        unit="enterprises", ge=2, le=1_000, source=_MEASURED,
    )  # fmt: skip
    near_threshold_share: float = setting(
        0.95,
        "T24: revenue or staff from this part of the limit up to the limit.",
        unit="share of the limit", gt=0, le=1, source=ASSUMPTION,
    )  # fmt: skip
    bulk_confirmation_claims: int = setting(
        9, "T26: so many claims in a bulk are ordinary.", unit="claims", ge=1, le=100_000,
        source=_MEASURED,
    )  # fmt: skip
    workdays_known_until: date = setting(
        date(2026, 12, 31),
        "L23: last day of the published calendar; deadlines beyond it stay open.",
        unit="date", range_text="any date",
        source="law: the State Council publishes a year's calendar in the autumn before",
    )  # fmt: skip
    extra_working_days: tuple[date, ...] = setting(
        (), "L23: working days that the calendar package does not know.", unit="dates",
        range_text="any dates", source="law: the bureau's own notice",
    )  # fmt: skip
    extra_holidays: tuple[date, ...] = setting(
        (), "L23: days off that the calendar package does not know.", unit="dates",
        range_text="any dates", source="law: the bureau's own notice",
    )  # fmt: skip
    reviewer_false_share: float = setting(
        0.05,
        "T12 (inspection role only): expected share of false discoveries among the pairs listed.",
        unit="share of the pairs", gt=0, lt=1, source="statistical convention",
    )  # fmt: skip
    reviewer_min_claims: int = setting(
        5,
        "T12: a reviewer and an institution met in so many claims.",
        unit="claims", ge=1, le=100_000, source=ASSUMPTION,
    )  # fmt: skip

    @field_validator("service_min_days")
    @classmethod
    def _services_known(cls, days: dict[str, int]) -> dict[str, int]:
        for service in days:
            if service not in SERVICES:
                near = nearest(service, SERVICES)
                hint = f" (did you mean {near}?)" if near else ""
                raise ValueError(f"there is no service type {service}{hint}")
        return days
