"""SQL Server through mssql-django, with one correction.

mssql-django 2.0.0 declares Decimal parameters of grouped queries as NUMERIC, which SQL Server takes for
NUMERIC(18,0): amounts would be rounded to whole numbers without an error.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ImproperlyConfigured

try:
    from mssql import base
except ImportError as error:  # the driver manager is a system library
    raise ImproperlyConfigured(
        "SQL Server needs the ODBC driver manager: install Debian's libodbc2 (apt-get install libodbc2)."
    ) from error


class CursorWrapper(base.CursorWrapper):  # type: ignore[misc]
    """Declares Decimal parameters with their own scale."""

    def _as_sql_type(self, typ: Any, value: Any) -> Any:
        if isinstance(value, Decimal):
            exponent = value.as_tuple().exponent
            return f"NUMERIC(38, {max(0, -exponent) if isinstance(exponent, int) else 0})"
        return super()._as_sql_type(typ, value)


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """mssql-django's connection with our cursor."""

    def create_cursor(self, name: str | None = None) -> CursorWrapper:
        return CursorWrapper(self.connection.cursor(), self)
