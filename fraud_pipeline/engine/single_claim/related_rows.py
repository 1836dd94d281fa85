"""The rows of SHARED scope for one claim: every row that can change what the steps say about it.

Two enterprises_near are compared because they share something: a party, a voucher, a contact, an account, a
person, a number on a document. The rows that share nothing with the claim, its enterprise or its
institution are left out, so that the steps of a run answer in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from fraud_pipeline.schema import Tables

_PARTY = ("legal_representative", "phone", "email", "bank_account", "address")
_CONTACT = {"contact_phone": "phone", "device_id": "device", "agent_id": "agent"}
_YEAR = 365  # days that the widest window over a party's claims reaches back
_WHOLE = ("market_prices", "sanctions")  # small, and asked by more than a party's name


def related_rows(tables: Tables, claim_id: str) -> Tables:
    """The rows that have to do with the claim (which must be among ``tables['claims']``).

    Kept whole: everything its enterprise and its institution did, whoever shares a contact,
    an account, a person or a document number with them, and the papers of all those claims.
    """
    claims = tables["claims"]
    claim = claims.filter(pc.equal(claims["claim_id"], claim_id))
    enterprise, institution = _set(claim["enterprise_id"]), _set(claim["institution_id"])
    own = claims.filter(_in(claims["enterprise_id"], enterprise))
    owners = _union(
        enterprise, _owners(tables, own)
    )  # a rule counts all vouchers of a voucher's owner
    payments = _payments(tables["payments"], enterprise, institution)
    values = _values(tables, enterprise, institution, own, payments)
    relations = _relations(tables["relations"], pa.concat_arrays([enterprise, institution]))
    people = _union(_set(relations["party_id"]), _set(relations["person_id"]))
    enterprises_near = _union(enterprise, _sharing(tables["enterprises"], "enterprise_id", values), people,
                   _sharing(claims, "enterprise_id", values, _CONTACT),
                   _account_holders(tables["payments"], values["bank_account"]))  # fmt: skip
    institutions_near = _union(
        institution, _sharing(tables["institutions"], "institution_id", values), people
    )
    near = claims.filter(_any([
        _in(claims["enterprise_id"], enterprises_near),
        _in(claims["institution_id"], _union(institutions_near, _set(payments["payer_id"]))),
        *(_in(claims[column], values[kind]) for column, kind in _CONTACT.items()),
        _in(claims["contract_id"], _set(claim["contract_id"])),
        _in(claims["voucher_id"], _union(_set(claim["voucher_id"]), _vouchers_of(tables, owners))),
        _in(claims["claim_id"], _same_numbers(tables, own)),
    ]))  # fmt: skip
    return _with_papers(
        tables, near, _union(enterprises_near, owners), institutions_near, relations, payments
    )


def _vouchers_of(tables: Tables, enterprise: pa.Array) -> pa.Array:
    vouchers = tables["vouchers"]
    return _set(vouchers.filter(_in(vouchers["enterprise_id"], enterprise))["voucher_id"])


def two_hop_scope(tables: Tables, near: Tables, claim_id: str) -> Tables:
    """``near`` with what the parties two hops away did: other claims of the institution's clients
    and at the institutions the enterprise bought from.

    Clients and institutions of the year before the claim: the windows over them
    (``risk.neighbourhood``) end the day before it and reach no further back.
    """
    claims = tables["claims"]
    claim = near["claims"].filter(pc.equal(near["claims"]["claim_id"], claim_id))
    day = claim["submitted_on"][0].as_py()
    # near holds all that the two parties did themselves
    on = near["claims"]["submitted_on"]
    late = near["claims"].filter(
        pc.and_(pc.greater_equal(on, day - timedelta(days=_YEAR)), pc.less(on, day))
    )
    at_institution = late.filter(_in(late["institution_id"], _set(claim["institution_id"])))
    of_enterprise = late.filter(_in(late["enterprise_id"], _set(claim["enterprise_id"])))
    wide = claims.filter(_any([
        _in(claims["claim_id"], _set(near["claims"]["claim_id"])),
        _in(claims["enterprise_id"], _set(at_institution["enterprise_id"])),
        _in(claims["institution_id"], _set(of_enterprise["institution_id"])),
    ]))  # fmt: skip
    outcomes = tables["outcomes"]
    known = outcomes.filter(_in(outcomes["claim_id"], _set(wide["claim_id"])))
    return near.replaced(claims=wide, outcomes=known)


def _owners(tables: Tables, claims: pa.Table) -> pa.Array:
    vouchers = tables["vouchers"]
    return _set(
        vouchers.filter(_in(vouchers["voucher_id"], _set(claims["voucher_id"])))["enterprise_id"]
    )


def _with_papers(
    tables: Tables, near: pa.Table, enterprises_near: pa.Array, institutions_near: pa.Array, relations: pa.Table,
    payments: pa.Table,
) -> Tables:  # fmt: skip
    """The kept claims with the rows of all other tables that speak of them."""
    enterprises_near, contracts = (
        _union(enterprises_near, _set(near["enterprise_id"])),
        _set(near["contract_id"]),
    )
    institutions_near = _union(institutions_near, _set(near["institution_id"]))
    related: dict[str, pa.Table] = {"claims": near, "relations": relations}
    enterprises = tables["enterprises"]
    related["enterprises"] = enterprises.filter(_in(enterprises["enterprise_id"], enterprises_near))
    institutions_near = _union(institutions_near, _set(related["enterprises"]["incubator_id"]))
    institutions = tables["institutions"]
    related["institutions"] = institutions.filter(
        _in(institutions["institution_id"], institutions_near)
    )
    vouchers = tables["vouchers"]
    related["vouchers"] = vouchers.filter(_any([
        _in(vouchers["enterprise_id"], enterprises_near), _in(vouchers["voucher_id"], _set(near["voucher_id"]))
    ]))  # fmt: skip
    for name, key, wanted in (
        ("contracts", "contract_id", contracts),
        ("invoices", "contract_id", contracts), ("deliverables", "claim_id", near["claim_id"]),
        ("outcomes", "claim_id", near["claim_id"]),
    ):  # fmt: skip
        related[name] = tables[name].filter(_in(tables[name][key], _set(wanted)))
    every = tables["payments"]
    ours = _set(payments["payment_id"])
    related["payments"] = every.filter(
        _any([_in(every["contract_id"], contracts), _in(every["payment_id"], ours)])
    )
    return tables.replaced(**{n: t for n, t in related.items() if n not in _WHOLE})


def _payments(payments: pa.Table, enterprise: pa.Array, institution: pa.Array) -> pa.Table:
    both = _union(enterprise, institution)
    return payments.filter(_any([_in(payments["payer_id"], both), _in(payments["payee_id"], both)]))


def _values(
    tables: Tables, enterprise: pa.Array, institution: pa.Array, own: pa.Table, payments: pa.Table
) -> dict[str, pa.Array]:
    """What the two parties carry, by kind: contacts, accounts, addresses, names."""
    enterprises, institutions = tables["enterprises"], tables["institutions"]
    e = enterprises.filter(_in(enterprises["enterprise_id"], enterprise))
    i = institutions.filter(_in(institutions["institution_id"], institution))
    values = {kind: _union(_set(e[kind]), _set(i[kind])) for kind in _PARTY}
    for column, kind in _CONTACT.items():
        values[kind] = _union(values.get(kind, pa.array([], pa.string())), _set(own[column]))
    both = _union(enterprise, institution)
    for side in ("payer", "payee"):
        theirs = payments.filter(_in(payments[f"{side}_id"], both))
        values["bank_account"] = _union(values["bank_account"], _set(theirs[f"{side}_account"]))
    return values


def _sharing(
    parties: pa.Table, key: str, values: Mapping[str, pa.Array],
    kinds: Mapping[str, str] | None = None,
) -> pa.Array:  # fmt: skip
    """Keys of the rows that carry one of the values."""
    columns = kinds or dict.fromkeys(_PARTY, "")
    hits = [_in(parties[c], values[kind or c]) for c, kind in columns.items()]
    return _set(parties.filter(_any(hits))[key])


def _account_holders(payments: pa.Table, accounts: pa.Array) -> pa.Array:
    holders = [
        _set(payments.filter(_in(payments[f"{side}_account"], accounts))[f"{side}_id"])
        for side in ("payer", "payee")
    ]
    return _union(*holders)


def _relations(relations: pa.Table, parties: pa.Array) -> pa.Table:
    """Rows within two steps from party to person: third parties in which two sides meet."""
    persons = pa.array([], pa.string())
    rows = relations.slice(0, 0)
    for _ in range(3):
        rows = relations.filter(
            _any([_in(relations["party_id"], parties), _in(relations["person_id"], persons),
                  _in(relations["person_id"], parties)])
        )  # fmt: skip
        parties, persons = _set(rows["party_id"]), _set(rows["person_id"])
    return rows


def _same_numbers(tables: Tables, own: pa.Table) -> pa.Array:
    """Claims whose invoices, deliverables or contracts carry a number of the enterprise's."""
    invoices, contracts = tables["invoices"], tables["contracts"]
    deliverables, claims = tables["deliverables"], tables["claims"]
    work = _set(own["contract_id"])
    numbers = _set(invoices.filter(_in(invoices["contract_id"], work))["invoice_no"])
    twice = _set(invoices.filter(_in(invoices["invoice_no"], numbers))["contract_id"])
    registered = _set(contracts.filter(_in(contracts["contract_id"], work))["registration_no"])
    again = _set(contracts.filter(_in(contracts["registration_no"], registered))["contract_id"])
    reports = deliverables.filter(_in(deliverables["claim_id"], _set(own["claim_id"])))
    same = deliverables.filter(_in(deliverables["reference_no"], _set(reports["reference_no"])))
    by_contract = claims.filter(_in(claims["contract_id"], _union(twice, again)))
    return _union(_set(by_contract["claim_id"]), _set(same["claim_id"]))


def _set(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    values = pc.unique(column).drop_null().cast(pa.string())
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _union(*arrays: pa.Array) -> pa.Array:
    return pc.unique(pa.concat_arrays([a.cast(pa.string()) for a in arrays]))


def _in(column: pa.ChunkedArray, wanted: pa.Array) -> pa.ChunkedArray:
    return pc.and_(pc.is_in(column, value_set=wanted), pc.is_valid(column))


def _any(masks: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    whole = masks[0]
    for mask in masks[1:]:
        whole = pc.or_(whole, mask)
    return whole
