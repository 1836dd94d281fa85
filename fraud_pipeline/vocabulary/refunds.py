"""Refunds that say what they are: an overpayment, a deposit, a price lowered later.

A payment of the institution to its client that names its contract, says in its purpose that it is a refund, and
returns part of the price only is booked in the open. Money that comes back to make a service free of charge is
nearly all of it, or comes without a contract, over others, or under another purpose.
"""

from __future__ import annotations

_WORDS = "退款|退还|退回|退多|多付|保证金|押金|refund|overpa|deposit|credit note"
# All declared refunds of a contract together stay below this share of what the client paid.
_MOST_SHARE = 0.8

# CTE `declared_refunds` (payment_id) over `payments`.
DECLARED_REFUNDS = f"""
declared_refunds AS (
    WITH forth AS (
        SELECT contract_id, payer_id, sum(amount) AS paid FROM payments
         WHERE contract_id IS NOT NULL GROUP BY ALL
    ), declared AS (
        SELECT b.payment_id, f.paid, sum(b.amount) OVER (PARTITION BY b.contract_id, b.payee_id) AS back
          FROM payments b JOIN forth f ON f.contract_id = b.contract_id AND f.payer_id = b.payee_id
         WHERE regexp_matches(lower(b.purpose), '{_WORDS}')
    )
    SELECT payment_id FROM declared WHERE back::DOUBLE < {_MOST_SHARE} * paid::DOUBLE
)
"""  # noqa: S608 - put together from the constants above
