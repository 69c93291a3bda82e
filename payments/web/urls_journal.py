"""Addresses of the journal."""

from __future__ import annotations

from autopay_console.kernel.pages import pages_of

page = pages_of("payments.web")
urlpatterns = [
    page("journal/", "journal.journal", name="journal"),
    page("journal/batch/<int:number>/", "journal.batch", name="batch"),
    page("journal/batch/<int:number>/post/", "journal.post_batch", name="post_batch"),
    page("journal/vouchers/", "vouchers.vouchers", name="vouchers"),
    page("journal/vouchers/<str:series>/<int:number>/", "vouchers.voucher_numbered", name="voucher_numbered"),
    page("journal/vouchers/<uuid:voucher_id>/", "vouchers.voucher", name="voucher"),
    page("journal/vouchers/<uuid:voucher_id>/reverse/", "vouchers.reverse_voucher", name="reverse_voucher"),
    page("journal/books/", "books.books", name="books"),
    page("journal/periods/", "periods.periods", name="periods"),
    page("journal/periods/<int:year>-<int:month>/close/", "closing.close_period", name="close_period"),
    page("journal/periods/<int:year>-<int:month>/close/<str:check>/", "closing.closing_point", name="closing_point"),
    page("journal/periods/<int:year>-<int:month>/lock/", "closing.lock_period", name="lock_period"),
    page("journal/late/", "reception.reception", name="reception"),
    page("journal/late/<int:number>/", "reception.take_late", name="take_late"),
    page("journal/periods/<int:year>-<int:month>/open/", "periods.unlock_period", name="unlock_period"),
    page("journal/exports/", "handing_over.exports", name="exports"),
    page("journal/exports/new/", "handing_over.make", name="export_make"),
    page("journal/exports/<uuid:pk>/", "handing_over.export_run", name="export_run"),
    page("journal/exports/<uuid:pk>/file/", "handing_over.export_file", name="export_file"),
]
