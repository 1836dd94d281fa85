"""Memory is given back where a process has grown, and nowhere else."""

import gc

import pytest

from fraud_pipeline.store import meter


@pytest.fixture
def collections(monkeypatch):
    """Counts the collections; memory in use is what a test says."""
    counted, memory = [], {"VmRSS": 500.0}
    monkeypatch.setattr(gc, "collect", lambda: counted.append(memory["VmRSS"]))
    monkeypatch.setattr(meter, "_memory_mb", memory.get)
    monkeypatch.setattr(meter, "_after_release", {})
    return counted, memory


def test_a_process_that_has_not_grown_is_left_alone(collections):
    counted, memory = collections
    meter.release_memory()
    assert counted == [500.0]  # the first time: what was before is not known
    memory["VmRSS"] = 590.0
    meter.release_memory()
    assert counted == [500.0]
    memory["VmRSS"] = 600.0
    meter.release_memory()
    assert counted == [500.0, 600.0]


def test_what_is_measured_is_there():
    measured = meter.ResourceMeter().read()
    assert 0 < meter._memory_mb("VmRSS") <= measured["peak_mb"] * 1.01
