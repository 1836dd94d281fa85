"""What differs between bureaus and says nothing about fraud: the nuisance parameters of a world.

The defaults are the assumptions of the ordinary simulated worlds. ``simulate.world.prior`` draws
other values: a detector that holds only at the defaults has learned the simulator.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Nuisance:
    """One world's habits, errors and gaps. Shares lie in [0, 1], spreads are sd of log price."""

    # who the parties are
    tenant_share: float = 0.30  # enterprises that sit in an incubator and share its address
    bookkeeper_share: float = 0.25  # enterprises whose listed phone is their bookkeeper's
    enterprises_per_bookkeeper: int = 22
    micro_share: float = 0.08  # new enterprises with a handful of staff: look like shells
    no_rd_share: float = 0.03  # enterprises without anybody in R&D
    free_mail_share: float = 0.35  # enterprises that write from a free mail provider
    small_holdings_share: float = 0.04  # enterprises of which an institution's people hold a little
    own_form_share: float = 0.04  # of the less busy institutions: one text for half their clients

    # how they trade
    loyal_share: float = 0.06  # enterprises that go back to the same institution again and again
    near_share: float = 0.85  # claims at an institution of the own place, where there are several
    rush_share: float = 0.15  # filed in the last days before a year closes
    own_incubator_share: float = 0.6  # of the tenants that buy incubation: at their own incubator
    agent_share: float = 0.12  # claims that come through an agent
    agents: int = 60
    reviewers: int = 8
    reviewer_in_charge: float = 0.5  # claims that go to the reviewer in charge of the institution
    prompt_institutions: float = 0.0  # institutions that confirm on the day of the claim, always
    supplier_share: float = 0.0  # institutions that buy goods from some of their clients

    # what they charge
    institution_spread: float = 0.06  # between institutions
    noise: float = 1.0  # times the spread between contracts of a service
    title_spread: float = 0.0  # between wordings of one service
    place_spread: float = 0.0  # between places
    price_list_share: float = 0.25  # institutions without any spread between contracts

    # what hurried people get wrong
    late_signing: float = 0.008  # the contract was dated after the invoice
    early_confirmation: float = 0.008  # confirmed some days before the last visit
    without_tax: float = 0.05  # the invoice amount was copied without its tax
    shared_invoice: float = 0.3  # of two jobs of a pair in a row: one invoice and report for both
    short_report: float = 0.008  # nobody took the time
    slipped_digit: float = 0.006  # two digits of the contract amount changed places
    goods_rate: float = 0.006  # the invoice shows the tax rate of goods
    spoiled_invoice: float = 0.004  # red-flushed, and written again without telling anybody
    refund: float = 0.02  # a small sum paid too much comes back
    standard_text: float = 0.12  # contracts and reports on a common form, word for word

    # what the bureau's files lack, or write in words of their own
    empty_cells: float = 0.1  # contact phone and device, at random
    town_names: float = 0.0  # parties whose place is a town that the rules' words do not name
    own_qualifications: float = 0.0  # enterprises whose qualification is written in own words
    missing_tables: tuple[str, ...] = ()
    missing_columns: tuple[tuple[str, str], ...] = ()  # (table, column)

    # what past audits did
    audited_share: float = 0.06
    random_share: float = 0.5  # of the audited: drawn at random, with a recorded probability
    missed: float = 0.15  # of the improper claims an auditor looks at and finds nothing
    audited_until: float = 0.6  # only claims of so much of the time have been audited
