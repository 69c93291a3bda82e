"""Posted vouchers for the tests of what goes out."""

from __future__ import annotations

from decimal import Decimal

from payments.books import ledger, ledger_specs
from payments.choices import BatchKind
from payments.models import Batch, Voucher
from tests import build


def posted(company, number, day=build.TODAY, many=1, payment=None):
    """A posted batch of vouchers; answers its first voucher."""
    specs = [
        ledger_specs.VoucherSpec(
            f"test:{company.pk}:{number}:{n}",
            day,
            f"Fee {number}",
            (ledger_specs.PostingSpec("7770", Decimal(100)), ledger_specs.PostingSpec("1920", Decimal(-100))),
        )
        for n in range(many)
    ]
    spec = ledger_specs.BatchSpec(
        BatchKind.MANUAL, f"test:{company.pk}:{number}", "bank", "By hand", day, payment and payment.pk
    )
    batch = ledger.post(ledger.build(company, spec, specs), None)
    assert Batch.objects.get(pk=batch.pk).state == "posted"
    return Voucher.objects.filter(batch=batch).order_by("position").first()
