"""All ties between parties in one table."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa

from fraud_pipeline.core.sql import query
from fraud_pipeline.graph.attributes import first_seen, shared_attributes
from fraud_pipeline.graph.direct_ties import claim_ties, money_back_ties, payment_ties, tenancy_ties
from fraud_pipeline.graph.groups import group_ties
from fraud_pipeline.graph.identity import attribute_pairs, person_pairs
from fraud_pipeline.graph.text import text_ties
from fraud_pipeline.schema import Tables
from fraud_pipeline.schema.outputs import TIES
from fraud_pipeline.settings import GraphSettings

# One party may carry two values in common with another; the rarer one speaks.
_ONE_A_PAIR = """
    SELECT left_id, left_kind, right_id, right_kind, kind, weight, n_sharing, n_claims, amount,
           known_on, CASE WHEN exempt IS NULL THEN detail
                          ELSE coalesce(detail, '') || ' [' || exempt || ']' END AS detail, source
      FROM ties
   QUALIFY row_number() OVER (
               PARTITION BY left_id, left_kind, right_id, right_kind, kind
               ORDER BY weight DESC, n_sharing, known_on, detail, source) = 1
     ORDER BY left_id, right_id, kind, left_kind, right_kind
"""


def build_ties(tables: Tables, settings: GraphSettings) -> pa.Table:
    """Every tie between two parties that the tables show (TIES), sorted by its key.

    Kinds: claim, money_back, payment, tenancy, group, text, person, legal_representative, phone, email,
    bank_account, address, device, agent. ``weight`` is after the hub discount and 0 where
    an innocent closeness explains the tie (then ``detail`` ends in its name in brackets).
    ``known_on`` is the day from which both sides of the tie were on record.
    """
    with ThreadPoolExecutor(1) as pool:  # texts keep one thread busy for long
        texts = pool.submit(text_ties, tables)
        first_days = first_seen(tables)
        persons = person_pairs(tables, first_days, settings)
        attributes = shared_attributes(tables, first_days, settings)
        money_back = money_back_ties(tables)
        parts = [
            claim_ties(tables),
            money_back,
            payment_ties(tables, money_back),
            tenancy_ties(tables),
            group_ties(tables, first_days),
            attribute_pairs(tables, attributes, persons),
            persons,
            texts.result(),
        ]
    columns = [*TIES.names, "exempt"]
    ties = pa.concat_tables(
        [_padded(part, columns) for part in parts], promote_options="permissive"
    )
    return TIES.conform(query(_ONE_A_PAIR, {"ties": ties}))


def _padded(part: pa.Table, columns: list[str]) -> pa.Table:
    conformed = TIES.conform(part)
    exempt = (
        part["exempt"].cast(pa.string())
        if "exempt" in part.column_names
        else pa.nulls(part.num_rows, pa.string())
    )
    return conformed.append_column("exempt", exempt).select(columns)
