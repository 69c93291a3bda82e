"""All set-up tables by name: those of a company, and those of the whole installation."""

from __future__ import annotations

from companies.web.table import Table
from companies.web.tables_banks import AGREEMENT, BANK_PARTNER, BANK_PROFILE, FACTORING
from companies.web.tables_company import COMPANY, SYSTEM
from companies.web.tables_parties import COUNTRY, CURRENCY, CUSTOMER, RATE, SUPPLIER, TEXT, VOUCHER_TYPE

_OF_A_COMPANY = (
    COMPANY, BANK_PARTNER, AGREEMENT, FACTORING, SUPPLIER, CUSTOMER, VOUCHER_TYPE, TEXT, RATE, CURRENCY
)  # fmt: skip
TABLES: dict[str, Table] = {table.name: table for table in _OF_A_COMPANY}
SHARED: dict[str, Table] = {table.name: table for table in (SYSTEM, COUNTRY, BANK_PROFILE)}
