"""Where a settlement is booked and at what rate: ledger accounts of the bank partner, the currency, the company."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from autopay_console.kernel.money import rounded
from autopay_console.kernel.sets import chunks
from companies.models import BankPartner, Company, CurrencyAccounts, CurrencyRate
from payments.books.ledger_parts import Parts
from payments.books.ledger_specs import BookingRefused, NoRate
from payments.models import BankEntry, SettlementFact


class Books:
    """Ledger accounts and rates of one company and bank partner, read once for a batch."""

    def __init__(self, company: Company, partner: BankPartner, parts: Parts | None = None) -> None:
        self.company = company
        self.partner = partner
        self.own = company.currency_id
        self.decimals = company.currency.decimals
        self.by_currency = {row.currency_id: row for row in CurrencyAccounts.objects.filter(company=company)}
        self.parts = parts or Parts(self.decimals)
        self._elsewhere: dict[UUID, BankPartner | None] = {}
        self._rates: dict[tuple[str, date], Decimal | None] = {}

    def look_where(self, facts: Iterable[SettlementFact]) -> None:
        """Read which of these facts were told of another account of the company than the payment was ordered from."""
        told = {fact.bank_entry_id for fact in facts if fact.bank_entry_id} - self._elsewhere.keys()
        for ids in chunks(told):
            others = BankEntry.objects.filter(pk__in=ids, bank_partner__isnull=False).exclude(bank_partner=self.partner)
            self._elsewhere |= {row.pk: row.bank_partner for row in others.select_related("bank_partner").defer("plan")}

    def bank(self, currency: str, fact: SettlementFact | None = None) -> str:
        """The bank partner's account (of the one that told the fact), else the currency's, else the company's."""
        row, partner = self.by_currency.get(currency), self._partner_of(fact)
        found = partner.gl_bank or (row.gl_bank if row else "") or self.company.gl_bank_fallback
        if not found:
            raise BookingRefused(
                _("Bank partner %(partner)s has no ledger account. Enter it under Bank partners.")
                % {"partner": partner}
            )
        return found

    def fee(self, fact: SettlementFact | None = None) -> str:
        """Bank fees: the bank partner's account, else the company's."""
        return self._partner_of(fact).gl_fee or self.company.gl_fees

    def _partner_of(self, fact: SettlementFact | None) -> BankPartner:
        elsewhere = self._elsewhere.get(fact.bank_entry_id) if fact is not None and fact.bank_entry_id else None
        return elsewhere or self.partner

    def difference(self, currency: str, amount: Decimal) -> str:
        """Currency gain (a credit, `amount` negative) or loss (a debit)."""
        row = self.by_currency.get(currency)
        if amount < 0:
            return (row.gl_gain if row else "") or self.company.gl_currency_gain
        return (row.gl_loss if row else "") or self.company.gl_currency_loss

    def rate(self, currency: str, on: date) -> Decimal | None:
        """Company currency for one unit, the latest entered up to the day; None when there is none."""
        if currency == self.own:
            return Decimal(1)
        if (currency, on) not in self._rates:
            entered = CurrencyRate.objects.filter(company=self.company, currency_id=currency, valid_from__lte=on)
            self._rates[currency, on] = entered.order_by("-valid_from").values_list("rate", flat=True).first()
        return self._rates[currency, on]

    def no_rate(self, currency: str, on: date) -> NoRate:
        """The error that says which rate is missing and where it is entered."""
        said = {"currency": currency, "day": on.isoformat()}
        return NoRate(
            _("There is no rate for %(currency)s on %(day)s. Enter it under Currencies.") % said, currency, on
        )

    def home(self, amount: Decimal, rate: Decimal) -> Decimal:
        """In company currency, to its decimals."""
        return rounded(amount * rate, self.decimals)

    def on_account(self, amount: Decimal, currency: str, on: date) -> Decimal:
        """What an amount is worth in the account's currency by the rates entered; raises NoRate."""
        account = self.partner.currency
        if currency == account.pk:
            return amount
        ordered, own = self.rate(currency, on), self.rate(account.pk, on)
        if ordered is None:
            raise self.no_rate(currency, on)
        if own is None:
            raise self.no_rate(account.pk, on)
        return rounded(amount * ordered / own, account.decimals)
