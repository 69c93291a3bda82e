"""From due invoices to a payment at 1 Estimate."""
