"""The journal: the only writer of vouchers, postings and matches."""
