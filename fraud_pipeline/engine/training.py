"""A risk model learned from the verdicts that a published run knew."""

from __future__ import annotations

import dataclasses
import math

from fraud_pipeline import risk
from fraud_pipeline.core.report import Report
from fraud_pipeline.engine import run_queries
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import models, runs
from fraud_pipeline.store.workspace import Workspace
from fraud_pipeline.vocabulary.messages import in_use, t


def train(workspace: Workspace, run_id: str | None, settings: Settings) -> Report:
    """Trains, stores the model, and uses it from the next run on if it passes its checks.

    Returns the result, also when there are too few verdicts to train on. ``run_id``:
    None = the last run. ``workspace`` must be locked.
    """
    run = runs.find(workspace.path, run_id)
    learned = risk.train(
        run.table("features"), run.table("rules"), run_queries.known_to(run), models.shipped_model(),
        models.load_model(workspace.models), settings.risk,
    )  # fmt: skip
    if isinstance(learned, risk.TrainingRefused):
        reason = in_use(learned.reason)
        refused = {"run_id": run.run_id, "trained": False, "reason": reason}
        return Report(t("train.refused", reason=reason), refused)
    name, gate = learned.model.name, learned.gate
    models.save_model(workspace.models, learned.model)
    if gate.passed:
        models.use_model(workspace.models, name, gate.words)
    facts = {
        "run_id": run.run_id, "trained": True, "model": name, "trust": learned.trust.share,
        "gate": dataclasses.asdict(gate), "used_from_next_run": gate.passed,
    }  # fmt: skip
    if not math.isfinite(gate.difference):
        return Report(t("train.nothing_gained", n=gate.n_later), facts)
    result = t("train.learned", name=name, trust=learned.trust.share, gate=_gate_line(gate))
    what_next = t("train.used") if gate.passed else t("train.kept", name=name)
    return Report(f"{result}\n{what_next}", facts)


def _gate_line(gate: risk.Gate) -> str:
    """The verdict of the promotion gate with its figures, in the language in use."""
    random = (
        t("train.gate_random", difference=gate.random_difference, error=gate.random_error)
        if math.isfinite(gate.random_difference)
        else t("train.gate_no_random")
    )
    figures = (
        f"{gate.difference:+.4f} ± {gate.error:.4f}, n = {gate.n_later}; "
        f"{random}, n = {gate.n_random}"
    )
    return t("train.gate_passed" if gate.passed else "train.gate_failed", figures=figures)
