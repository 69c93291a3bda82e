"""The first page: what waits for this person, in this company, worst first."""
