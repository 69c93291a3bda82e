"""Tables from another ledger: suppliers, customers and their open entries, from CSV and XLSX, in bulk and once."""
