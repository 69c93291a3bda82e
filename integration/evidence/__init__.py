"""The evidence pack: what an auditor needs to see a payment from approval to voucher, and to check it without us."""
