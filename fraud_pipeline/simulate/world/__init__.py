"""Honest worlds: parties, trade, vouchers, papers, past audits and the truth about them."""
