"""The money: from suggestion to journal."""
