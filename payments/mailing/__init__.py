"""Mails about payments: what waits, what was refused, what suppliers were paid."""
