"""The model commands say which model is used and change it on record."""

from typer.testing import CliRunner

from fraud_pipeline.cli.app import app
from fraud_pipeline.store.models import shipped_model


def test_list_use_card_rollback(tmp_path):
    def say(*words):
        done = CliRunner().invoke(app, ["model", *words, "-w", str(tmp_path)])
        assert done.exit_code == 0, done.output
        return done.output

    name = shipped_model().name
    assert f"* {name}" in say("list")
    assert "Model card" in say("card")
    say("use", name, "--why", "the committee said so")
    assert "the committee said so" in say("list")
    assert name in say("rollback")
