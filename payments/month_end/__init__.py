"""What proves the books, account by account, and closes a month."""
