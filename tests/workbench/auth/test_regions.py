"""A person of one region: no page, answer or pack names a claim, party or amount of another."""

import io
import re
import zipfile
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fraud_pipeline.workbench.application import make_application
from fraud_pipeline.workbench.auth.permissions import ROUTES, Permission, Role, allows
from tests.workbench import world
from tests.workbench.conftest import engage, sign_in

MIXED = "R-TEST000002"
PLACES = {world.HERE: range(12), world.THERE: range(12, 24)}
TEXTS = ("text", "application/json")
ROLES = (Role.REVIEWER, Role.LEAD, Role.INVESTIGATOR, Role.LEADER)


def add(folder, name, rows):
    path = folder / f"{name}.parquet"
    table = pq.read_table(path)
    pq.write_table(pa.concat_tables([table, pa.Table.from_pylist(rows, table.schema)]), path)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """A run with a ring across both regions, ties, evidence and comparables across both."""
    workspace = tmp_path_factory.mktemp("mixed")
    folder = world.published(workspace)
    parties = [world.enterprise(k) for k in (5, 6, 15, 16)]
    add(folder, "rings", [{**world._rings()[0], "ring_id": MIXED, "story_zh": f"{parties[0]}与{parties[2]}",
                           "story_en": f"{parties[0]} and {parties[2]}", "amount": 777_777}])  # fmt: skip
    add(
        folder,
        "ring_claims",
        [{"ring_id": MIXED, "claim_id": world.claim(k)} for k in (5, 6, 15, 16)],
    )
    add(folder, "ring_members", [{"ring_id": MIXED, "party_id": p, "party_kind": "enterprise",
                                  "role": "member", "strength": 1.0} for p in parties])  # fmt: skip
    add(folder, "ring_evidence", [
        {"ring_id": MIXED, "kind": "phone", "left_id": a, "right_id": b, "weight": 0.5,
         "sentence_zh": f"{a}与{b}共用电话", "sentence_en": "shared", "source": "claims"}
        for a, b in ((parties[0], parties[1]), (parties[0], parties[2]), (parties[2], parties[3]))
    ])  # fmt: skip
    add(folder, "ties", [{"left_id": world.enterprise(4), "left_kind": "enterprise",
                          "right_id": world.enterprise(14), "right_kind": "enterprise", "kind": "phone",
                          "weight": 0.9, "detail": ""}])  # fmt: skip
    made = make_application(workspace, f"sqlite:///{workspace / 'work.db'}")
    for region in PLACES:
        for role in ROLES:
            engage(made.state.app_state, f"{role.value} {region}", role, (region,))
    return made


def texts(answer):
    """What an answer says, the files of an archive included; the styles and hashes left out."""
    if not answer.headers.get("content-type", "").endswith("zip"):
        return answer.text if answer.headers.get("content-type", "").startswith(TEXTS) else ""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = [n for n in archive.namelist() if not n.endswith((".css", "hashes.json"))]
        return "".join(archive.read(name).decode("utf-8-sig") for name in names)


def foreign(region, text):
    """Identifiers, names and amounts of the other region that occur in a text."""
    others = [k for place, ks in PLACES.items() if place != region for k in ks]
    found = {i for k in others for i in (world.claim(k), world.enterprise(k)) if i in text}
    found |= {f"企业{k}" for k in others if re.search(rf"企业{k}(?!\d)", text)}
    # what is claimed, half of it at risk, twice of it contracted: of claims inside these may stand
    own = {f"{world.amount(k) * by:,.0f}" for k in PLACES[region] for by in (1, 2, Decimal("0.5"))}
    for k in PLACES[region]:  # the other claims inside of its institution
        past = sum(world.amount(j) for j in PLACES[region] if j % 3 == k % 3 and j != k)
        own.add(f"{past:,.0f}")
    own.add(f"{sum(world.amount(k) for k in (5, 6, 15, 16) if k in PLACES[region]):,.0f}")
    amounts = {f"{world.amount(k):,.0f}" for k in others} - own | {"777,777"}
    return found | {a for a in amounts if re.search(rf"(?<![\d,]){a}(?![\d,])", text)}


SEARCHES = (
    "C00000",
    "企业",
    "91420100E",
    "HT1",
    "V1",
    world.PHONE,
    world.NAME,
    world.ACCOUNT,
    "R-TEST",
)


def _inside(path, region):
    """The path with every claim and party of a region, and institutions that serve both."""
    parties = (*map(world.enterprise, PLACES[region]), "INST0", "INST1")
    for name, values in (("claim_id", map(world.claim, PLACES[region])), ("party_id", parties)):
        if f"{{{name}}}" in path:
            yield from (path.replace(f"{{{name}}}", v).replace("{file_id}", "1") for v in values)


def addresses(region, token):
    """Every GET route of a claim or ring with each identifier inside, and those without any."""
    for rule in ROUTES:
        if rule.method != "GET" or rule.needs in (Permission.ANYONE, Permission.SEE_INSIDERS):
            continue
        if "{claim_id}" in rule.path or "{party_id}" in rule.path:
            yield from ((rule, path) for path in _inside(rule.path, region))
        elif "{ring_id}" in rule.path:
            yield rule, rule.path.replace("{ring_id}", MIXED)
            yield rule, rule.path.replace("{ring_id}", MIXED) + "?all=1"
        elif rule.name == "search_page":
            yield from ((rule, f"/search?q={text}") for text in SEARCHES)
        elif rule.name == "entity_page":
            kinds = [("enterprise", world.enterprise(k)) for k in range(world.N)]
            kinds += [("institution", f"INST{k}") for k in range(3)]
            kinds += [("phone", token("phone", world.PHONE)), ("person", token("person", world.NAME)),
                      ("account", token("account", world.ACCOUNT))]  # fmt: skip
            yield from ((rule, f"/entities/{kind}/{key}") for kind, key in kinds)
        elif "{run_id}" in rule.path:
            yield rule, rule.path.replace("{run_id}", world.RUN)
        else:
            yield rule, rule.path


@pytest.mark.parametrize("region", PLACES)
@pytest.mark.parametrize("role", ROLES, ids=lambda r: r.value)
def test_nothing_of_another_region_is_named(mixed, role, region):
    client = sign_in(mixed, f"{role.value} {region}")
    looked = 0
    leads = mixed.state.app_state.leads

    def token(kind, value):
        return leads.lookup_one("entities", "entity", f"{kind} {value}")["token"]

    for rule, path in addresses(region, token):
        if not allows(role, rule.needs):
            continue
        answer = client.get(path)
        if rule.name == "entity_page" and answer.status_code == 404:
            continue  # the address named it, and the answer repeats none of it
        text = texts(answer)
        assert foreign(region, text) == set(), path
        looked += bool(text)
    assert looked > 20


def test_what_is_inside_is_still_there(mixed):
    page = sign_in(mixed, f"lead {world.HERE}").get(f"/rings/{MIXED}").text
    assert world.claim(5) in page and "另有 2 件申请在其他地区" in page
    whole = sign_in(mixed, f"lead {world.HERE}").get(f"/claims/{world.claim(5)}").text
    assert "涉及其他地区的主体" in whole


def test_the_test_can_fail(mixed):
    assert foreign(world.HERE, f"x {world.claim(15)} y") and foreign(world.HERE, "企业15")
