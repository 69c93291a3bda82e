"""Upload: checked, sealed, waiting for approval; once, and whole or not at all."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from companies.choices import TwoFactorLevel
from companies.models import PayeeAccount
from payments.choices import LineStatus, RoundState
from payments.models import AcceptedFinding, LineChange, Payment, Transfer, TransferItem
from payments.preparing import rounds, sealing
from payments.releasing import uploading
from payments.releasing.uploading import AlreadyUploaded, NotAccepted, SecondFactorNeeded, Stopped, upload
from payments.suggesting.estimates import NotAnEstimate, take_out
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return tmp_path


@pytest.fixture
def payment():
    payment = build.an_estimate(lines=3)
    for _ in range(3):
        build.an_approver(payment.company)
    return payment


@pytest.fixture
def clerk(payment):
    return payment.created_by


def fresh(payment):
    return Payment.objects.get(pk=payment.pk)


def as_before(payment):
    now = fresh(payment)
    return (
        (now.round_state, now.round, now.digest, now.uploaded_by_id) == (RoundState.DRAFT, 0, "", None)
        and not Transfer.objects.exists()
        and set(now.lines.values_list("status", "item")) == {(LineStatus.ESTIMATE, None)}
    )


class TestUpload:
    def test_lines_go_to_8_and_the_payment_waits_for_approval(self, payment, clerk):
        upload(payment, clerk)
        now = fresh(payment)
        assert set(now.lines.values_list("status", flat=True)) == {LineStatus.AT_EFT}
        assert (now.status, now.word, now.round_state) == (8, "waiting", RoundState.WAITING)
        assert (now.needed, now.given, now.round, now.uploaded_by) == (2, 0, 1, clerk)

    def test_the_answer_names_numbers_counts_sums_files_and_digest(self, payment, clerk):
        answer = upload(payment, clerk)
        transfer = Transfer.objects.get()
        assert answer.payment_numbers == (payment.number,)
        assert (answer.lines, answer.transactions, answer.needed) == (3, 3, 2)
        assert dict(answer.sums) == {"NOK": Decimal(3000)}
        assert [(file.msg_id, file.digest) for file in answer.files] == [(transfer.msg_id, transfer.digest)]
        assert answer.digest == fresh(payment).digest == sealing.digest_of([transfer.digest])

    def test_every_step_is_kept(self, payment, clerk):
        upload(payment, clerk)
        assert set(LineChange.objects.values_list("before", "after", "source")) == {(1, 8, "upload")}
        assert payment.events.get().kind == "uploaded"

    def test_the_files_wait_sealed(self, payment, clerk):
        upload(payment, clerk)
        assert set(Transfer.objects.values_list("state", flat=True)) == {"sealed"}

    def test_foreign_cost_is_the_text_of_the_fee_code(self, payment, clerk):
        supplier = build.a_supplier(
            payment.company, country=build.a_country("DE"), iban="DE89370400440532013000", account="", bic="COBADEFF"
        )
        line = build.a_line(payment, build.a_supplier_entry(supplier), fee_code=0)
        payment.bank_partner.fee_code = 4
        payment.bank_partner.save()
        upload(payment, clerk, frozenset({"fee_code_eea"}))
        line.refresh_from_db()
        assert line.foreign_cost == "No fee"
        assert set(payment.lines.exclude(pk=line.pk).values_list("foreign_cost", flat=True)) == {""}


class TestPreflight:
    def test_a_stop_keeps_the_payment_as_it_was(self, payment, clerk):
        line = payment.lines.first()
        line.account = "86011117948"
        line.save()
        with pytest.raises(Stopped, match="86011117948"):
            upload(payment, clerk)
        assert as_before(payment)

    def test_a_stop_can_never_be_accepted(self, payment, clerk):
        line = payment.lines.first()
        line.account = "86011117948"
        line.save()
        with pytest.raises(Stopped):
            upload(payment, clerk, frozenset({"no_account_check"}))

    def test_a_warning_must_be_accepted_by_name(self, payment, clerk):
        PayeeAccount.objects.update(first_paid_on=None)
        with pytest.raises(NotAccepted) as refused:
            upload(payment, clerk)
        assert refused.value.codes == {"account_first_payment"}
        assert as_before(payment)

    def test_accepted_warnings_are_kept_with_who_took_them(self, payment, clerk):
        PayeeAccount.objects.update(first_paid_on=None)
        upload(payment, clerk, frozenset({"account_first_payment"}))
        kept = AcceptedFinding.objects.filter(payment=payment)
        assert set(kept.values_list("code", "person")) == {("account_first_payment", clerk.pk)}
        assert (kept.count(), fresh(payment).warning_count) == (3, 3)

    def test_the_agreement_may_ask_for_a_second_factor_on_upload(self, payment, clerk):
        payment.agreement.two_factor = TwoFactorLevel.UPLOAD_AND_APPROVAL
        payment.agreement.save()
        with pytest.raises(SecondFactorNeeded):
            upload(payment, clerk)
        assert upload(payment, clerk, second_factor=True).round == 1


class TestApprovers:
    def needed(self, payment, clerk, **company):
        type(payment.company).objects.filter(pk=payment.company_id).update(**company)
        return upload(fresh(payment), clerk, frozenset({"account_first_payment"})).needed

    def test_the_agreement_says_how_many(self, payment, clerk):
        assert self.needed(payment, clerk) == 2

    def test_one_more_over_the_companys_amount(self, payment, clerk):
        assert self.needed(payment, clerk, extra_approver_over=Decimal("2999.99")) == 3

    def test_not_one_more_at_exactly_that_amount(self, payment, clerk):
        assert self.needed(payment, clerk, extra_approver_over=Decimal(3000)) == 2

    def test_one_more_where_no_rate_tells_the_amount(self, payment, clerk):
        payment.totals.update(currency=build.a_currency("EUR"))
        type(payment.company).objects.update(extra_approver_over=Decimal(1_000_000))
        assert rounds.needed_approvers(fresh(payment)) == 3

    def test_one_more_for_a_new_account(self, payment, clerk):
        PayeeAccount.objects.filter(supplier=payment.lines.first().supplier).update(first_paid_on=None)
        assert self.needed(payment, clerk, extra_approver_new_account=True) == 3

    def test_one_more_for_foreign_currency(self, payment, clerk):
        assert self.needed(payment, clerk, extra_approver_foreign=True) == 2
        payment.totals.update(currency=build.a_currency("EUR"))
        assert rounds.foreign_currencies(payment) == ["EUR"]
        assert rounds.needed_approvers(fresh(payment)) == 3


class TestOnce:
    def test_a_second_click_is_told_who_uploaded(self, payment, clerk):
        upload(payment, clerk)
        with pytest.raises(AlreadyUploaded, match=clerk.shown):
            upload(payment, build.an_accountant(payment.company))
        assert Transfer.objects.count() == 1

    def test_nobody_edits_a_payment_that_is_being_sealed(self, payment, clerk, monkeypatch):
        seen = []

        def edit_meanwhile(*arguments):
            with pytest.raises(NotAnEstimate):
                take_out(payment.lines.first(), clerk)
            seen.append(True)
            return seal(*arguments)

        seal = sealing.seal
        monkeypatch.setattr(sealing, "seal", edit_meanwhile)
        upload(payment, clerk)
        assert seen == [True]
        assert payment.lines.count() == 3

    def test_a_failure_while_sealing_leaves_an_estimate_and_no_file(self, payment, clerk, monkeypatch, area):
        def fail(*_arguments):
            raise OSError("disk full")

        monkeypatch.setattr(sealing, "_keep_items", fail)
        with pytest.raises(OSError, match="disk full"):
            upload(payment, clerk)
        assert as_before(payment)
        assert not [path for path in area.rglob("*") if path.is_file()]

    def test_after_a_failure_it_can_be_uploaded(self, payment, clerk, monkeypatch):
        keep = sealing._keep_items
        monkeypatch.setattr(sealing, "_keep_items", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            upload(payment, clerk)
        monkeypatch.setattr(sealing, "_keep_items", keep)
        assert upload(payment, clerk).round == 1


class TestCutOff:
    """A process dies in the middle of an upload."""

    class Died(BaseException):
        """The process is gone: nothing after this runs, not even what cleans up."""

    def die_at(self, monkeypatch, module, name):
        def die(*_arguments, **_named):
            raise self.Died

        monkeypatch.setattr(module, name, die)
        monkeypatch.setattr(uploading, "give_back", lambda *_: None)

    def later(self, payment):
        Payment.objects.filter(pk=payment.pk).update(uploaded_at=timezone.now() - timedelta(hours=1))

    def test_a_payment_that_is_being_sealed_cannot_be_finished_by_the_sweep(self, payment, clerk, monkeypatch):
        self.die_at(monkeypatch, sealing, "seal")
        with pytest.raises(self.Died):
            upload(payment, clerk)
        assert uploading.finish_interrupted() == []

    def test_before_it_was_sealed_it_becomes_an_estimate_again(self, payment, clerk):
        with pytest.MonkeyPatch.context() as patch:
            self.die_at(patch, sealing, "_keep_items")
            with pytest.raises(self.Died):
                upload(payment, clerk)
        self.later(payment)
        assert uploading.finish_interrupted() == [payment.number]
        assert as_before(payment)

    def test_after_it_was_sealed_it_is_completed(self, payment, clerk):
        with pytest.MonkeyPatch.context() as patch:
            self.die_at(patch, uploading, "hand_over")
            with pytest.raises(self.Died):
                upload(payment, clerk)
        digest = fresh(payment).digest
        self.later(payment)
        uploading.finish_interrupted()
        now = fresh(payment)
        assert (now.word, now.needed, now.digest) == ("waiting", 2, digest)
        assert (Transfer.objects.count(), TransferItem.objects.count()) == (1, 3)

    def test_one_that_cannot_be_finished_holds_up_no_other(self, payment, clerk, monkeypatch):
        other = build.an_estimate(payment.company, bank_partner=payment.bank_partner)
        for one in (payment, other):
            with pytest.MonkeyPatch.context() as patch:
                self.die_at(patch, sealing, "_keep_items")
                with pytest.raises(self.Died):
                    upload(one, clerk)
            self.later(one)
        give_back = uploading.give_back

        def only_the_other(one, moment):
            if one.pk == payment.pk:
                raise ValueError("a fault")
            give_back(one, moment)

        monkeypatch.setattr(uploading, "give_back", only_the_other)
        assert uploading.finish_interrupted() == [other.number]

    def test_halfway_through_the_lines_the_rest_follows(self, payment, clerk, monkeypatch):
        with pytest.MonkeyPatch.context() as patch:
            self.die_at(patch, uploading.rounds, "open_round")
            with pytest.raises(self.Died):
                upload(payment, clerk)
        assert fresh(payment).needed == 0
        self.later(payment)
        uploading.finish_interrupted()
        assert (fresh(payment).needed, payment.lines.filter(status=8).count()) == (2, 3)
        assert LineChange.objects.count() == 3
