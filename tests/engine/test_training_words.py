"""What ``train`` says when the learned layer was worth nothing."""

from types import SimpleNamespace

from fraud_pipeline.engine import training
from fraud_pipeline.risk.gate import Gate
from fraud_pipeline.risk.train import Learned, Trust
from fraud_pipeline.settings import Settings
from fraud_pipeline.store.models import shipped_model


def test_a_layer_that_gained_nothing_is_said_without_figures(monkeypatch):
    """The gate judged nothing: a difference of nan is no sentence for a person."""
    model = shipped_model()
    nothing = Gate(False, float("nan"), float("nan"), 260)
    run = SimpleNamespace(run_id="r", table=lambda _: None)
    monkeypatch.setattr(training.risk, "train",
                        lambda *_: Learned(model, Trust(0.0, 0.0, 0.0, 260), nothing))  # fmt: skip
    monkeypatch.setattr(training.runs, "find", lambda *_: run)
    monkeypatch.setattr(training.run_queries, "known_to", lambda _: None)
    monkeypatch.setattr(training.models, "save_model", lambda *_: None)
    monkeypatch.setattr(training.models, "load_model", lambda *_: model)
    place = SimpleNamespace(path=None, models=None)
    report = training.train(place, None, Settings())
    assert "nan" not in report.text and "260" in report.text
    assert "to use it anyway" not in report.text  # it would be the model in use again
    assert report.facts["used_from_next_run"] is False
