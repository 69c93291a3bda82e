"""Dates are written as ISO in tables."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i"
SHORT_DATE_FORMAT = "Y-m-d"
LONG_DAY = "l j F Y"
SHORT_DAY = "D j M"
SHORT_DAY_AND_YEAR = "D j M Y"
DAY_AND_MONTH = "j F"
