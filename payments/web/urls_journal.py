"""Addresses of the journal."""

from __future__ import annotations

from django.urls import path

from payments.web import books, journal, periods, vouchers

urlpatterns = [
    path("journal/", journal.journal, name="journal"),
    path("journal/batch/<int:number>/", journal.batch, name="batch"),
    path("journal/batch/<int:number>/post/", journal.post_batch, name="post_batch"),
    path("journal/vouchers/", vouchers.vouchers, name="vouchers"),
    path("journal/vouchers/<str:series>/<int:number>/", vouchers.voucher_numbered, name="voucher_numbered"),
    path("journal/vouchers/<uuid:voucher_id>/", vouchers.voucher, name="voucher"),
    path("journal/vouchers/<uuid:voucher_id>/reverse/", vouchers.reverse_voucher, name="reverse_voucher"),
    path("journal/books/", books.books, name="books"),
    path("journal/periods/", periods.periods, name="periods"),
    path("journal/periods/<int:year>-<int:month>/lock/", periods.lock_period, name="lock_period"),
    path("journal/periods/<int:year>-<int:month>/open/", periods.unlock_period, name="unlock_period"),
]
