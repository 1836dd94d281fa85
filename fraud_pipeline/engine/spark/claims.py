"""What is said of one claim at a time: features, score and reasons."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline import explain, risk
from fraud_pipeline.engine.spark.frames import (
    answered,
    gathered,
    of_tables,
    placed_schema,
    routed,
    write,
)
from fraud_pipeline.engine.spark.lake import place_by_claim
from fraud_pipeline.engine.spark.routes import by_claims, claims_with, partition_keys
from fraud_pipeline.engine.spark.spark_run import SparkRun
from fraud_pipeline.features.build import medians
from fraud_pipeline.features.catalogue import BEHAVIOUR_FEATURES, FEATURES
from fraud_pipeline.pipeline import Setup
from fraud_pipeline.schema import INPUT_TABLES, RingSet
from fraud_pipeline.schema.outputs import EXPLANATIONS, RANKED_CLAIMS, TYPOLOGY_SCORES
from fraud_pipeline.schema.scope import Level
from fraud_pipeline.settings import ExplainSettings, RiskSettings
from fraud_pipeline.steps.ranking import RISK_MODEL, model_of

# Made when the claims of an institution lie together; behaviour was measured by a step of its own.
_OF_INSTITUTION = tuple(
    f.name for f in FEATURES
    if f.scope.level is Level.INSTITUTION and f not in BEHAVIOUR_FEATURES
)  # fmt: skip
_FEATURES = pa.schema([
    ("claim_id", pa.string()), ("programme", pa.string()),
    *((f.name, pa.float64()) for f in FEATURES),
])  # fmt: skip
# Of a claim only what scoring asks for; its texts stay where they are.
_SHORT = ["claim_id", "programme", "enterprise_id", "institution_id", "claimed_amount",
          "submitted_on"]  # fmt: skip


def features(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """features, as the embedded engine's step makes them."""
    kernel = partial(
        _features, rules=run.inputs.table("rules"), ringset=run.inputs.rings(),
        settings=setup.settings.risk, supplied=run.supplied,
    )  # fmt: skip
    names = [n for n in _FEATURES.names if n not in _OF_INSTITUTION]
    main = placed_schema(pa.schema([_FEATURES.field(n) for n in names]))
    by_institution = pa.schema([_FEATURES.field(n) for n in ("claim_id", *_OF_INSTITUTION)])
    built = gathered(_evidence(run, "enterprise_id"), kernel, main)
    built = built.join(
        gathered(_evidence(run, "institution_id"), kernel, by_institution), "claim_id"
    )
    write(built, run.lake, "features", ["claim_id"], _FEATURES)
    return {"features": run.lake.read("features").sort_by("claim_id")}


def _evidence(run: SparkRun, by: str) -> dict[str, Any]:
    """What the features of the claims of some enterprises, or of some institutions, are made of.

    By institution only the means over its clients are taken, so hits and prices stay away.
    """
    own = partition_keys(run.known, by, run.parts)
    ids = own.select("claim_id", "part")
    away = by == "institution_id"
    return {
        **_with_decided(run, own),
        "enterprises": by_claims(run.known, "enterprises", "enterprise_id", own),
        "rule_results": routed(_hits(run).where("false") if away else _hits(run), ids),
        "prices": routed(run.read("price_results"), ids),
        "behaviour": routed(run.read("behaviour"), ids),
        "ties": _bonds(run, own),
    }


def _hits(run: SparkRun) -> Any:
    """Hits only: what passed or could not be judged adds nothing to a claim's numbers."""
    return run.read("rule_results").where("outcome = 'hit'")


def _bonds(run: SparkRun, own: Any) -> Any:
    """The ties of the part's enterprises; claims and tenancies are no identity."""
    ties = run.read("ties").where("kind NOT IN ('claim', 'tenancy')")
    left, right = (
        routed(ties, own.selectExpr(f"enterprise_id AS {side}", "part"))
        for side in ("left_id", "right_id")
    )
    return left.unionByName(right).distinct()


def _with_decided(run: SparkRun, own: Any) -> dict[str, Any]:
    """Own claims, and every audited claim of their parties: its outcome is history."""
    audited = run.known("claims", ["claim_id", "enterprise_id", "institution_id"]).join(
        run.known("outcomes", ["claim_id"]).distinct(), "claim_id", "left_semi"
    )
    context = [
        routed(audited, own.select(party, "part")) for party in ("enterprise_id", "institution_id")
    ]
    claims = claims_with(run.known, own, *context)
    return {
        "claims": claims,
        "outcomes": routed(run.known("outcomes"), claims.select("claim_id", "part")),
    }


def _features(
    partition: dict[str, pa.Table], rules: pa.Table, ringset: RingSet, settings: RiskSettings,
    supplied: frozenset[str],
) -> pa.Table:  # fmt: skip
    behaviour, tables = partition["behaviour"], of_tables(partition, supplied)
    context = tables["claims"].select(["claim_id"])
    whole = _one_row_each(behaviour, context)  # context claims have no behaviour here
    built = risk.build_features(
        tables, rules, partition["rule_results"], _one_row_each(partition["prices"], context), ringset,
        partition["ties"], whole, settings,
    )  # fmt: skip
    return answered(built, partition["claims"])


def _one_row_each(table: pa.Table, ids: pa.Table) -> pa.Table:
    """A row for every id, sorted; empty where ``table`` has none."""
    ids = ids.sort_by("claim_id")
    at = pc.index_in(ids["claim_id"], value_set=table["claim_id"].combine_chunks())
    rows = table.take(at)
    return rows.set_column(rows.column_names.index("claim_id"), "claim_id", ids["claim_id"])


def _with_claims(own: Any, **tables: Any) -> dict[str, Any]:
    """The claims of each part and, beside them, the rows of ``tables`` about those claims."""
    ids = own.select("claim_id", "part")
    return {"claims": own, **{name: routed(table, ids) for name, table in tables.items()}}


def score(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """ranked_claims: scored in parts with the same model, ranked by one sort at the end.

    What claims and verdicts add to the model is made once, on the driver.
    """
    inputs = run.inputs
    fitted = risk.fitted(
        setup.model, inputs.table("features"), inputs.table("rules"), inputs.tables("known"),
        setup.settings.risk,
    )  # fmt: skip
    own = partition_keys(run.known, "enterprise_id", run.parts).select(*_SHORT, "part")
    frames = _with_claims(
        own, features=run.read("features"), rule_results=_hits(run),
        outcomes=run.known("outcomes"),
    )  # fmt: skip
    kernel = partial(
        _score_partition, rules=inputs.table("rules"), model_name=fitted.name,
        model_files=dict(fitted.files), supplied=run.supplied,
    )  # fmt: skip
    ranked = gathered(frames, kernel, placed_schema(RANKED_CLAIMS.arrow))
    write(ranked, run.lake, "ranked_parts", ["claim_id"], RANKED_CLAIMS.arrow)
    whole = ranked_whole(run.lake.read("ranked_parts"), setup.settings.risk.rank_by)
    run.lake.put("ranked_claims", place_by_claim(whole, run.inputs.table("known/claims")))
    run.lake.drop("ranked_parts")
    return {RISK_MODEL: fitted.run, "ranked_claims": whole, "typology_scores": _kinds(run, own)}


def _kinds(run: SparkRun, own: Any) -> pa.Table:
    """typology_scores, claim by claim."""
    frames = _with_claims(own, rule_results=_hits(run), prices=run.read("price_results"))
    kernel = partial(_typology_task, rules=run.inputs.table("rules"), ringset=run.inputs.rings())
    scores = gathered(frames, kernel, placed_schema(TYPOLOGY_SCORES.arrow))
    write(scores, run.lake, "typology_scores", ["claim_id", "typology"], TYPOLOGY_SCORES.arrow)
    whole = run.lake.read("typology_scores").sort_by(
        [("claim_id", "ascending"), ("typology", "ascending")]
    )
    return TYPOLOGY_SCORES.conform(whole)


def _typology_task(partition: dict[str, pa.Table], rules: pa.Table, ringset: RingSet) -> pa.Table:
    scores = risk.typology_scores(partition["rule_results"], rules, partition["prices"], ringset)
    ids = partition["claims"]["claim_id"].combine_chunks()
    return place_by_claim(scores.filter(pc.is_in(scores["claim_id"], ids)), partition["claims"])


def ranked_whole(parts: pa.Table, rank_by: str) -> pa.Table:
    """Lists ranked each for itself as one list; ties go by claim id."""
    return risk.in_order(parts, rank_by)


def _score_partition(
    partition: dict[str, pa.Table], rules: pa.Table, model_name: str, model_files: dict[str, str],
    supplied: frozenset[str],
) -> pa.Table:  # fmt: skip
    claims = partition["claims"]
    filled = INPUT_TABLES["claims"].conform(claims)
    tables = of_tables({**partition, "claims": filled}, supplied)
    ranked = risk.score(
        partition["features"].sort_by("claim_id"), rules, partition["rule_results"], tables,
        risk.Model(model_name, model_files),
    )  # fmt: skip
    return place_by_claim(ranked, claims)


def reasons(run: SparkRun, setup: Setup) -> dict[str, pa.Table]:
    """explanations of the chosen claims, in parts; only the medians are of everybody."""
    inputs = run.inputs
    model = model_of(inputs, setup)
    chosen = explain.chosen_claims(
        inputs.table("ranked_claims"), inputs.table("audit_plan"), setup.settings.explain
    )
    wanted = run.session.createDataFrame(pa.table({"claim_id": chosen}))
    own = partition_keys(run.known, "enterprise_id", run.parts).select(*_SHORT, "part")
    own = own.join(wanted, "claim_id", "left_semi")
    frames = _with_claims(
        own, features=run.read("features"), rule_results=_hits(run),
        prices=run.read("price_results"),
    )  # fmt: skip
    kernel = partial(
        _explain_partition, medians=medians(inputs.table("features")), rules=inputs.table("rules"),
        ringset=inputs.rings(), model_name=model.name, model_files=dict(model.files),
        settings=setup.settings.explain,
    )  # fmt: skip
    explained = gathered(frames, kernel, placed_schema(EXPLANATIONS.arrow))
    write(explained, run.lake, "explanations", ["claim_id", "position"], EXPLANATIONS.arrow)
    whole = run.lake.read("explanations").sort_by(
        [("claim_id", "ascending"), ("position", "ascending")]
    )
    return {"explanations": EXPLANATIONS.conform(whole)}


def _explain_partition(
    partition: dict[str, pa.Table], medians: pa.Table, rules: pa.Table, ringset: RingSet,
    model_name: str, model_files: dict[str, str], settings: ExplainSettings,
) -> pa.Table:  # fmt: skip
    features = partition["features"].sort_by("claim_id")
    explained = explain.explain(
        features, risk.contributions(features, risk.Model(model_name, model_files)), medians,
        rules, partition["rule_results"], partition["prices"], ringset, settings,
    )  # fmt: skip
    return place_by_claim(explained, partition["claims"])


__all__ = ["features", "ranked_whole", "reasons", "score"]
