"""What a run depends on is one dataclass: each field reaches key, manifest, Setup and replay."""

import dataclasses
import json
from datetime import date

import pytest

from fraud_pipeline.engine.dependencies import AuditRequest, Dependencies, ModelReference
from fraud_pipeline.engine.manifest import dependencies_of, describe
from fraud_pipeline.engine.runner import Request, load, read_settings, score
from fraud_pipeline.engine.setup import make_setup, setup_of_run
from fraud_pipeline.errors import IntegrityError
from fraud_pipeline.programmes.currency import currencies_of
from fraud_pipeline.rings import Judgement
from fraud_pipeline.settings import Settings, parse_settings
from fraud_pipeline.store import runs
from fraud_pipeline.store.models import shipped_model
from fraud_pipeline.store.packs import load_packs
from fraud_pipeline.store.places import data_samples
from fraud_pipeline.store.staging import key_of
from fraud_pipeline.store.workspace import Workspace, locked

TINY = data_samples() / "tiny"
BASE = Dependencies(
    inputs={"claims.csv": "a1"},
    as_of=date(2020, 1, 31),
    outcomes_until=None,
    programme=None,
    mapping=None,
    settings=Settings(),
    packs={"wuhan": "b2"},
    model=ModelReference("shipped", "c3"),
    code={"version": "1", "sha256": "d4"},
    libraries={"python": "3"},
    predecessor=None,
    audit=AuditRequest(None, 1, None),
    ring_judgements=(),
)
# Another value for every field. A new field without one fails the tests below.
OTHER = {
    "inputs": {"claims.csv": "changed"},
    "as_of": date(2020, 2, 29),
    "outcomes_until": date(2019, 12, 31),
    "programme": "wuhan",
    "mapping": "e5",
    "settings": parse_settings("[graph]\nhub_cap = 13", "settings.toml"),
    "packs": {"wuhan": "changed"},
    "model": ModelReference("learned", "c3"),
    "code": {"version": "2", "sha256": "d4"},
    "libraries": {"python": "4"},
    "predecessor": "20191231-0123456789abcdef",
    "audit": AuditRequest(120, 7, 0.15),
    "ring_judgements": (Judgement("R1", "I1", "remove", date(2020, 1, 2)),),
}
FIELDS = [field.name for field in dataclasses.fields(Dependencies)]
# These decide what is read, or who may repeat it; the steps see only their result.
NOT_FOR_STEPS = {"inputs", "programme", "mapping", "code", "libraries"}
# The Setup holds what these name: resolved from the workspace, compared by hash.
RESOLVED = {"packs", "model", "predecessor"}


def changed(name):
    return dataclasses.replace(BASE, **{name: OTHER[name]})


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_changes_the_key_and_survives_the_manifest(name):
    other = changed(name)
    assert other.key != BASE.key
    manifest = json.loads(json.dumps({"run_id": other.run_id, **other.as_record(), "steps": {}}))
    read = Dependencies.from_record(manifest, "run R")
    assert read == other and read.key == other.key


@pytest.mark.parametrize("name", FIELDS)
def test_a_manifest_without_a_field_is_refused_in_one_line(name):
    record = json.loads(json.dumps(BASE.as_record()))
    del record[name]
    if name == "ring_judgements":  # earlier versions had none
        assert Dependencies.from_record(record, "run R") == BASE
        return
    with pytest.raises(IntegrityError, match=f"^run R: the manifest does not say {name}$"):
        Dependencies.from_record(record, "run R")


@pytest.mark.parametrize("name", sorted(set(FIELDS) - NOT_FOR_STEPS - RESOLVED))
def test_every_field_that_a_step_needs_reaches_the_setup(name, tmp_path):
    def setup(dependencies):
        return make_setup(dependencies, Workspace(tmp_path), {}, shipped_model(), {})

    assert setup(changed(name)) != setup(BASE)


def test_a_new_field_reaches_the_key_and_the_manifest_by_itself():
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class More(Dependencies):
        machine: str

    values = {name: getattr(BASE, name) for name in FIELDS}
    one, other = More(**values, machine="a"), More(**values, machine="b")
    assert one.key != other.key != BASE.key
    assert More.from_record(json.loads(json.dumps(one.as_record())), "run R") == one


def test_the_key_is_the_hash_it_always_was():
    """Run ids on disk hold it: these are the JSON keys and forms of every version so far."""
    record = {
        "inputs": {"claims.csv": "a1"}, "as_of": "2020-01-31", "outcomes_until": "2019-12-31",
        "programme": None, "mapping": None, "settings": json.loads(json.dumps(BASE.as_record()["settings"])),
        "packs": {"wuhan": "b2"}, "model": {"name": "shipped", "sha256": "c3"},
        "code": {"version": "1", "sha256": "d4"}, "libraries": {"python": "3"},
        "predecessor": None, "ring_judgements": [["R1", "I1", "remove", "2020-01-02"]],
        "audit": {"budget": None, "seed": 1, "cover_enterprises": None},
    }  # fmt: skip
    read = Dependencies.from_record(record, "run R")
    assert json.loads(json.dumps(read.as_record())) == record
    assert read.run_id == f"20200131-{key_of(record)}"


def test_a_published_run_gives_back_what_it_was_made_with(tmp_path):
    request = Request(data=str(TINY), workspace=tmp_path, seed=5, as_of=date(2016, 3, 14))
    with locked(tmp_path) as workspace:
        run = score(request, workspace)
    settings, packs = read_settings(None), load_packs()
    read, setup = dependencies_of(run), setup_of_run(run, workspace)
    assert f"{read.as_of:%Y%m%d}-{read.key}" == run.run_id
    assert (setup.seed, setup.as_of, setup.settings) == (5, request.as_of, settings)
    loaded = load(request, settings, currencies_of(packs))
    assert setup.about == json.loads(json.dumps(describe(read, request, loaded, None)))


def test_a_setup_names_the_pack_or_model_that_is_no_longer_the_one_used(tmp_path):
    folder = tmp_path / "runs" / BASE.run_id
    folder.mkdir(parents=True)
    model, packs = shipped_model(), {name: pack.sha256 for name, pack in load_packs().items()}
    good = dataclasses.replace(BASE, packs=packs, model=ModelReference(model.name, model.sha256))
    workspace, run = Workspace(tmp_path), runs.Run(folder)

    def setup(dependencies):
        (folder / runs.MANIFEST).write_text(json.dumps(dependencies.as_record()), "utf-8")
        return setup_of_run(run, workspace)

    assert setup(good).model == model
    with pytest.raises(IntegrityError, match="programme pack wuhan is not the one it used"):
        setup(dataclasses.replace(good, packs={**packs, "wuhan": "00"}))
    with pytest.raises(IntegrityError, match=r"model .* is not the one it used"):
        setup(dataclasses.replace(good, model=ModelReference(model.name, "00")))
