"""What customers paid and what the bank took: matched, booked, in the company's turn."""
