"""Monitoring: measures of a run compared with the run before, and a few grouped alarms.

measure         two runs        -> volumes, missing values, drift, hit rates, rules, queue
freshness       attempts, manifest -> data as of, age, days without a run
alarms          measures        -> at most one alarm a group
as_page, as_prometheus          -> for a person, for a machine

Everything here is pure; :mod:`fraud_pipeline.monitor.health` reads the workspace.
"""

from typing import TYPE_CHECKING

from fraud_pipeline.core.lazy import export_lazily

if TYPE_CHECKING:
    from fraud_pipeline.monitor.alarms import Alarm, alarms
    from fraud_pipeline.monitor.freshness import Freshness, as_text, freshness
    from fraud_pipeline.monitor.measures import Measures, measure
    from fraud_pipeline.monitor.page import as_page
    from fraud_pipeline.monitor.prometheus import as_prometheus

__all__ = [
    "Alarm",
    "Freshness",
    "Measures",
    "alarms",
    "as_page",
    "as_prometheus",
    "as_text",
    "freshness",
    "measure",
]

export_lazily(
    __name__,
    {
        "Alarm": "fraud_pipeline.monitor.alarms",
        "Freshness": "fraud_pipeline.monitor.freshness",
        "Measures": "fraud_pipeline.monitor.measures",
        "alarms": "fraud_pipeline.monitor.alarms",
        "as_page": "fraud_pipeline.monitor.page",
        "as_prometheus": "fraud_pipeline.monitor.prometheus",
        "as_text": "fraud_pipeline.monitor.freshness",
        "freshness": "fraud_pipeline.monitor.freshness",
        "measure": "fraud_pipeline.monitor.measures",
    },
)
