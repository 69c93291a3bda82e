"""The JSON API for ERP systems: open entries in, statuses and vouchers out, one key per company and program."""
