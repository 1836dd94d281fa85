"""A risk model learned from the verdicts that a published run knew."""

from __future__ import annotations

from fraud_pipeline import risk
from fraud_pipeline.engine import run_queries
from fraud_pipeline.settings import Settings
from fraud_pipeline.store import models, runs
from fraud_pipeline.store.workspace import Workspace


def train(workspace: Workspace, run_id: str | None, settings: Settings) -> str:
    """Trains, stores the model, and uses it from the next run on if it passes its checks.

    Returns the result in words, also when there are too few verdicts to train on. ``run_id``:
    None = the last run. ``workspace`` must be locked.
    """
    run = runs.find(workspace.path, run_id)
    learned = risk.train(
        run.table("features"), run_queries.known_to(run), models.shipped_model(),
        models.load_model(workspace.models), settings.risk,
    )  # fmt: skip
    if isinstance(learned, risk.TrainingRefused):
        return f"没有训练 not trained: {learned.reason}"
    name, words = learned.model.name, learned.gate.words
    models.save_model(workspace.models, learned.model)
    result = f"模型 model {name}：本地经验信任度 trust in own outcomes {learned.trust.share:.0%}；{words}"
    if learned.gate.passed:
        models.use_model(workspace.models, name, words)
        return f"{result}；下次评分起使用 used from the next run on"
    return f"{result}；可用 fraud-pipeline model use {name} 手动启用 to use it anyway"
