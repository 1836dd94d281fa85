"""What was done before each claim: windows by enterprise, institution and agent, joined again."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow as pa

from fraud_pipeline.behaviour import own_outlyingness
from fraud_pipeline.behaviour.statements import HISTORY, PAPERS
from fraud_pipeline.core.sql import query
from fraud_pipeline.engine.spark.frames import (
    answered,
    as_schema,
    gathered,
    part_of,
    placed_schema,
    routed,
    tasks,
    write,
)
from fraud_pipeline.engine.spark.lake import PLACE, Lake
from fraud_pipeline.engine.spark.routes import by_claims, claims_with, own_pairs
from fraud_pipeline.engine.spark.spark_run import Night
from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.settings import BehaviourSettings

_ALL = tuple(f.name for f in BEHAVIOUR_FEATURES)
_NAMES = tuple(name for name in _ALL if name != "outlyingness")
_OF_INSTITUTION = (
    "institution_claims_30d", "institution_claims_365d", "institution_burst",
    "first_client_share_90d", "institution_clients_90d", "same_day_institution",
    "same_amount_365d",
)  # fmt: skip
_OF_AGENT = ("agent_claims_30d",)
_OF_ENTERPRISE = tuple(n for n in _NAMES if n not in {*_OF_INSTITUTION, *_OF_AGENT})
_WINDOWED = ["claim_id", "enterprise_id", "institution_id", "agent_id", "contract_amount",
             "quantity", "service_type", "submitted_on"]  # fmt: skip


def behaviour(night: Night, setup: Setup) -> dict[str, pa.Table]:
    """behaviour, as the embedded engine's step makes it."""
    schema = placed_schema(_schema(_OF_ENTERPRISE))
    found = gathered(_papers_of(night), _by_enterprise, schema)
    for key, names in (("institution_id", _OF_INSTITUTION), ("agent_id", _OF_AGENT)):
        found = found.join(_windows(night, key, names), "claim_id")
    measured = _schema(_NAMES)
    write(found, night.lake, "behaviour_measured", ["claim_id"], measured)
    again = night.read("behaviour_measured")
    strange = partial(_strange, lake=night.lake, settings=setup.settings.behaviour)
    places = _schema(("outlyingness",))
    joined = again.join(tasks(night.session, 1, strange, places), "claim_id")
    joined = joined.join(_standing(night), "claim_id")
    write(joined, night.lake, "behaviour", ["claim_id"], _schema(_ALL))
    whole = night.lake.read("behaviour").sort_by("claim_id")
    return {"behaviour": whole.select(["claim_id", *_NAMES, "outlyingness"])}


def _schema(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([("claim_id", pa.string()), *((name, pa.float64()) for name in names)])


def _papers_of(night: Night) -> dict[str, Any]:
    """Each part: some enterprises' claims with their papers, and whoever shares a number with
    these papers, because a number used twice is what is counted."""
    own = own_pairs(night.known, "enterprise_id", night.parts)
    used = night.known("claims", ["claim_id", "voucher_id"])
    also = routed(used, own.select("voucher_id", "part"))
    invoices = by_claims(night.known, "invoices", "contract_id", own)
    delivered = by_claims(night.known, "deliverables", "claim_id", own)
    alone = delivered.where("reference_no IS NULL")  # claim_id alone finds them again
    referred = routed(night.known("deliverables"), delivered.select("reference_no", "part"))
    return {
        "claims": claims_with(night.known, own, also),
        "contracts": by_claims(night.known, "contracts", "contract_id", own),
        "payments": by_claims(night.known, "payments", "contract_id", own),
        "invoices": routed(night.known("invoices"), invoices.select("invoice_no", "part")),
        "deliverables": referred.unionByName(alone),
        "vouchers": by_claims(night.known, "vouchers", "voucher_id", own),
        "enterprises": by_claims(night.known, "enterprises", "enterprise_id", own),
    }


def _by_enterprise(given: dict[str, pa.Table]) -> pa.Table:
    history = query(HISTORY, {"claims": given["claims"]})
    papers = query(PAPERS, given)
    columns = {"claim_id": history["claim_id"]}
    for name in _OF_ENTERPRISE:
        source = history if name in history.column_names else papers
        columns[name] = source[name].cast(pa.float64())
    return answered(pa.table(columns), given["claims"])


def _windows(night: Night, key: str, names: tuple[str, ...]) -> Any:
    """The windows over ``key``; claims without one go anywhere, each to its own part's crowd."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    claims = night.known("claims", _WINDOWED).withColumn("hand", sf.coalesce(key, "claim_id"))
    own = claims.select("*", part_of("hand", night.parts)).drop("hand")
    kernel = partial(_window, names=names)
    return gathered({"claims": own}, kernel, _schema(names))


def _window(given: dict[str, pa.Table], names: tuple[str, ...]) -> pa.Table:
    return as_schema(query(HISTORY, given), _schema(names))


def _standing(night: Night) -> Any:
    """claim_id and where its rows stand."""
    from pyspark.sql import functions as sf  # noqa: PLC0415

    claims = night.known("claims", ["claim_id", "programme", "submitted_on"])
    return claims.select(
        "claim_id", sf.col("programme").alias(PLACE[0]),
        sf.substring(sf.col("submitted_on").cast("string"), 1, 7).alias(PLACE[1]),
    )  # fmt: skip


def _strange(number: int, lake: Lake, settings: BehaviourSettings) -> pa.Table:
    """The isolation forest sees every claim at once: its ranks have no meaning in a part."""
    measured = lake.read("behaviour_measured").sort_by("claim_id")
    rank = own_outlyingness(measured, settings)
    return pa.table({"claim_id": measured["claim_id"], "outlyingness": rank})
