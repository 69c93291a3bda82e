"""What the bank did with our money, as statuses and vouchers."""
