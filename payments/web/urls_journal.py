"""Addresses of the journal."""

from __future__ import annotations

from django.urls import path

from payments.web import books, closing, handing_over, journal, periods, reception, vouchers

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
    path("journal/periods/<int:year>-<int:month>/close/", closing.close_period, name="close_period"),
    path("journal/periods/<int:year>-<int:month>/close/<str:check>/", closing.closing_point, name="closing_point"),
    path("journal/periods/<int:year>-<int:month>/lock/", closing.lock_period, name="lock_period"),
    path("journal/late/", reception.reception, name="reception"),
    path("journal/late/<int:number>/", reception.take_late, name="take_late"),
    path("journal/periods/<int:year>-<int:month>/open/", periods.unlock_period, name="unlock_period"),
    path("journal/exports/", handing_over.exports, name="exports"),
    path("journal/exports/new/", handing_over.make, name="export_make"),
    path("journal/exports/<uuid:pk>/", handing_over.export_run, name="export_run"),
    path("journal/exports/<uuid:pk>/file/", handing_over.export_file, name="export_file"),
]
