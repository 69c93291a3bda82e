"""Enable Visma.net: the guide's words, roles, a company alone, the setup that loses nothing, keys that are wrong."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from companies.choices import InstanceRoleKind, LinkState, Role
from companies.models import Company, InstanceRole, SystemInformation
from integration import company_sync, exporting
from integration.choices import ExportState
from integration.models import CompanyExport
from tests import build
from tests.integration.linking import KEY, a_linked_company, an_unlinked_company, the_gateway
from tests.integration.test_enabling import a_certificate, as_pfx

pytestmark = pytest.mark.django_db
INSIDE = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"}


@pytest.fixture
def administrator(client):
    """Of the installation."""
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    client.force_login(person)
    return person


def text_of(answer):
    return answer.content.decode()


def setup(client, **facts):
    facts = {"opg_address": "http://opg01:8080/OPGatewayService/", "gateway_user": "u", "gateway_password": ""} | facts
    return client.post(reverse("enable_save"), facts)


class TestDialog:
    def test_it_is_a_dialog_for_htmx_and_a_page_without(self, client, administrator):
        assert "<html" not in text_of(client.get(reverse("enable"), **INSIDE))
        page = text_of(client.get(reverse("enable")))
        assert "<html" in page
        assert "Export/update companies" in page

    def test_a_company_administrator_sees_the_own_company_alone(self, client):
        company, other = build.a_company(), build.a_company()
        client.force_login(build.a_person(Role.ADMINISTRATOR, company=company))
        page = text_of(client.get(reverse("company_enable")))
        assert company.name in page
        assert other.name not in page
        assert "Upload OPG Certificate" not in page

    def test_a_company_administrator_cannot_export_another_company(self, client):
        company, other = build.a_company(), an_unlinked_company(organisation_no="918234578")
        client.force_login(build.a_person(Role.ADMINISTRATOR, company=company))
        client.post(reverse("company_enable_export"), {"company": [other.pk]})
        assert not CompanyExport.objects.exists()

    @pytest.mark.parametrize("role", [Role.ACCOUNTANT, Role.APPROVER, Role.READER, Role.PAYROLL])
    def test_other_roles_of_the_company_are_refused(self, client, role):
        client.force_login(build.a_person(role, company=build.a_company()))
        assert client.get(reverse("company_enable")).status_code == 403

    def test_a_company_without_organisation_number_cannot_be_chosen_and_why_is_told(self, client, administrator):
        company = an_unlinked_company(organisation_no="")
        assert "Organisation number is missing" in text_of(client.get(reverse("enable")))
        client.post(reverse("enable_export"), {"company": [company.pk]})
        assert not CompanyExport.objects.exists()

    def test_asking_without_a_choice_says_so(self, client, administrator):
        answer = client.post(reverse("enable_export"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="export-states")
        assert "Select at least one company." in text_of(answer)

    def test_the_status_is_asked_for_until_every_export_has_ended(self, client, administrator):
        company = an_unlinked_company(organisation_no="918234578")
        exporting.ask([company])
        assert "every 1s" in text_of(client.get(reverse("enable_states")))
        CompanyExport.objects.update(state=ExportState.FAILED, text="No.", finished_at=timezone.now())
        page = text_of(client.get(reverse("enable_states")))
        assert "every 1s" not in page
        assert "Try again" in page

    def test_an_export_no_worker_takes_says_so(self, client, administrator):
        exporting.ask([an_unlinked_company(organisation_no="918234578")])
        CompanyExport.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
        assert "No worker took it yet" in text_of(client.get(reverse("enable")))

    def test_the_list_costs_the_same_few_queries_for_many_companies(
        self, client, administrator, django_assert_max_num_queries
    ):
        for _ in range(12):
            exporting.ask([build.a_company()])
        client.get(reverse("enable"))
        with django_assert_max_num_queries(14):
            client.get(reverse("enable"))


class TestSetup:
    def test_an_empty_password_keeps_the_stored_one(self, client, administrator):
        SystemInformation.objects.create(pk=1, gateway_password="planted-secret")
        setup(client)
        row = SystemInformation.objects.get()
        assert (row.gateway_user, row.gateway_password) == ("u", "planted-secret")

    def test_the_first_password_is_asked_for_and_not_called_optional(self, client, administrator):
        assert "(optional)" not in text_of(client.get(reverse("enable"), **INSIDE))
        answer = setup(client)
        assert answer.status_code == 422
        assert "This field is required." in text_of(answer)
        assert "(optional)" not in text_of(answer)
        assert SystemInformation.objects.get().opg_address == ""

    def test_once_a_password_is_stored_it_need_not_be_written_again(self, client, administrator):
        setup(client, gateway_password="p")
        page = text_of(client.get(reverse("enable"), **INSIDE))
        assert "(optional)" in page
        assert "Leave empty to keep the one that is stored." in page

    def test_the_second_of_two_administrators_sees_what_the_first_saved(self, client, administrator):
        seen = setup(client, gateway_password="p") and SystemInformation.objects.get().version
        setup(client, opg_address="http://first:8080/OPGatewayService/", seen=seen)
        answer = setup(client, opg_address="http://second:8080/OPGatewayService/", seen=seen)
        assert answer.status_code == 422
        assert "http://first:8080" in text_of(answer)
        assert "http://second:8080" in text_of(answer)
        assert SystemInformation.objects.get().opg_address == "http://first:8080/OPGatewayService/"

    def test_trying_an_address_keeps_nothing(self, client, administrator):
        facts = {"opg_address": "http://localhost:9/OPGatewayService/", "gateway_user": "u"}
        assert "Nothing answers" in text_of(client.post(reverse("enable_try"), facts))
        assert SystemInformation.objects.get().opg_address == ""

    def test_a_connection_refused_by_another_machine_tells_of_local_installation(self, monkeypatch):
        from integration import enabling
        from integration.gateway.errors import RefusedConnection

        error = RefusedConnection("refused")
        assert "local installation" in enabling.remedy(error, "http://opg01:8080/OPGatewayService/")
        assert "local installation" not in enabling.remedy(error, "http://localhost:8080/OPGatewayService/")


@pytest.mark.broker
class TestCertificate:
    @pytest.fixture(autouse=True)
    def _gateway(self, sandbox):
        the_gateway(sandbox)

    def upload(self, client, content=b"", password=""):
        facts = {"certificate_password": password}
        if content:
            facts["certificate"] = SimpleUploadedFile("opg.pfx", content)
        return client.post(reverse("upload_certificate"), facts)

    def test_a_pfx_is_read_with_its_password_and_its_last_day_is_kept(self, client, administrator):
        key, built = a_certificate()
        self.upload(client, as_pfx(key, built), "secret")
        row = SystemInformation.objects.get()
        assert row.certificate_valid_to
        assert row.certificate_uploaded_at

    def test_a_wrong_password_is_told_beside_its_field_and_nothing_is_uploaded(self, client, administrator):
        answer = self.upload(client, as_pfx(*a_certificate()), "guess")
        assert answer.status_code == 422
        assert "does not open with this password" in text_of(answer)
        assert SystemInformation.objects.get().certificate_uploaded_at is None

    def test_an_expired_certificate_is_refused(self, client, administrator):
        answer = self.upload(client, a_certificate(-10, -1)[1].public_bytes(Encoding.PEM))
        assert "expired" in text_of(answer)

    def test_one_that_ends_soon_is_uploaded_with_a_warning_that_stays(self, client, administrator):
        self.upload(client, a_certificate(-10, 12)[1].public_bytes(Encoding.PEM))
        assert "Ends soon" in text_of(client.get(reverse("enable_lights")))


@pytest.mark.broker
class TestIntegratedCompanies:
    def page(self, client, name="integrated"):
        return text_of(client.post(reverse(name)))

    def test_both_sides_are_linked(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        page = self.page(client)
        assert company_sync.key_fingerprint(company) in page
        assert "Every linked company has the same" in page

    def test_a_company_visma_net_no_longer_knows_by_its_number_does_not_fit(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        Company.objects.filter(pk=company.pk).update(organisation_no="931111116")
        page = self.page(client)
        assert "1 company does not fit Visma.net." in page
        assert "Every linked company has the same" not in page

    def test_a_wrong_key_shows_up_as_such_and_not_as_a_connection_error(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        Company.objects.filter(pk=company.pk).update(signing_key=KEY)
        page = self.page(client)
        assert "Signing keys differ" in page
        assert "Nothing answers" not in page

    def test_what_is_only_there_and_only_here_is_told(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        Company.objects.filter(pk=company.pk).update(organisation_no="918234578")
        page = self.page(client)
        assert "Only here" in page
        assert "Only in Visma.net" in page

    def test_a_link_removed_in_visma_net_is_told(self, client, administrator, sandbox):
        a_linked_company(sandbox)
        sandbox.post("/companies/NO-918234567/unlink")
        assert "Link removed in Visma.net" in self.page(client)

    def test_a_wrong_key_is_refused_and_the_right_one_is_kept_and_never_shown(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        right, address = company.signing_key, reverse("enter_key", args=[company.pk])
        Company.objects.filter(pk=company.pk).update(signing_key="")
        assert "another key" in text_of(client.post(address, {"key": KEY}))
        answer = client.post(address, {"key": right}, follow=True)
        assert Company.objects.get(pk=company.pk).signing_key == right
        assert right not in text_of(answer)

    def test_a_new_key_leaves_the_one_before_good_for_a_day(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        client.post(reverse("rotate_key", args=[company.pk]))
        after = Company.objects.get(pk=company.pk)
        assert after.previous_signing_key == company.signing_key != after.signing_key
        assert "the one before until" in self.page(client)

    def test_a_new_key_cannot_be_made_with_a_wrong_one_and_why_is_told(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        Company.objects.filter(pk=company.pk).update(signing_key=KEY)
        answer = client.post(reverse("rotate_key", args=[company.pk]))
        assert answer.status_code == 422
        assert "The connection is good; the signing key is not." in text_of(answer)

    def test_a_gateway_that_is_away_leaves_our_side_readable(self, client, administrator, sandbox):
        company = a_linked_company(sandbox)
        the_gateway(sandbox, address="http://localhost:9/OPGatewayService/")
        page = self.page(client)
        assert company.name in page
        assert "Not asked" in page

    def test_a_company_administrator_checks_the_own_company(self, client, sandbox):
        company = a_linked_company(sandbox)
        an_unlinked_company(organisation_no="918234578", name="Somebody else")
        client.force_login(build.a_person(Role.ADMINISTRATOR, company=company))
        page = self.page(client, "company_integrated")
        assert company.name in page
        assert "Somebody else" not in page
        assert Company.objects.get(pk=company.pk).link_state == LinkState.LINKED
