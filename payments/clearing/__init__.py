"""What a person decides about money that waits: parked payments, debits nobody here made, lines nobody told."""
