"""Who may do what where. A stranger gets 404, somebody of the company without the role gets 403."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.db.models import Exists
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from companies.choices import InstanceRoleKind, Role
from companies.models import Company, InstanceRole, Membership, Person, SystemInformation

SESSION_KEY = "company"
P = ParamSpec("P")


class ConsoleRequest(HttpRequest):
    """A request after the company middleware."""

    user: Person
    company: Company | None
    rights: Rights


@dataclass(frozen=True, slots=True)
class Rights:
    """A person's rights in the company in force and in the installation."""

    company: Company | None = None
    roles: frozenset[str] = frozenset()
    instance: frozenset[str] = frozenset()
    companies: tuple[Company, ...] = field(default=())
    all_stopped: bool = False  # sending is stopped for every company; read with the rights, for the bar on every page

    def has(self, *roles: str) -> bool:
        """At least one of these company roles."""
        return any(role in self.roles for role in roles)

    @property
    def administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.roles

    @property
    def accountant(self) -> bool:
        return Role.ACCOUNTANT in self.roles

    @property
    def approver(self) -> bool:
        return Role.APPROVER in self.roles

    @property
    def payroll(self) -> bool:
        return Role.PAYROLL in self.roles

    @property
    def sees_amounts(self) -> bool:
        return bool(self.roles)

    @property
    def instance_administrator(self) -> bool:
        return InstanceRoleKind.ADMINISTRATOR in self.instance

    @property
    def operations(self) -> bool:
        return bool(self.instance)


def rights_of(person: Any, wanted: int | None = None) -> Rights:
    """Rights in the company with this number, or in the first company the person belongs to.

    One query; two for somebody who belongs to no company.
    """
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return Rights()
    stopped = Exists(SystemInformation.objects.filter(stopped_at__isnull=False))
    own = InstanceRole.objects.filter(person=person)
    kinds = {f"is_{kind.value}": Exists(own.filter(role=kind)) for kind in InstanceRoleKind}
    held = Membership.objects.filter(person=person).select_related("company").annotate(all_stopped=stopped, **kinds)
    memberships = list(held.order_by("company__number"))
    companies = tuple(dict.fromkeys(row.company for row in memberships))
    if memberships:
        instance = frozenset(kind.value for kind in InstanceRoleKind if getattr(memberships[0], f"is_{kind.value}"))
        all_stopped = memberships[0].all_stopped
    else:
        alone = list(own.annotate(all_stopped=stopped).values_list("role", "all_stopped"))
        instance, all_stopped = frozenset(role for role, _ in alone), any(stops for _, stops in alone)
    company = next((one for one in companies if one.number == wanted), companies[0] if companies else None)
    roles = frozenset(row.role for row in memberships if company and row.company_id == company.pk)
    return Rights(company, roles, instance, companies, all_stopped)


def attach(request: Any) -> None:
    """Put rights and company on the request; read only when somebody asks."""
    request.rights = SimpleLazyObject(lambda: rights_of(request.user, request.session.get(SESSION_KEY)))
    request.company = SimpleLazyObject(lambda: request.rights.company)


def company_view(
    *roles: str,
) -> Callable[[Callable[Concatenate[Any, Company, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view of the company in force: `view(request, company, …)`. No role named: any member may look."""

    def wrap(view: Callable[Concatenate[Any, Company, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            rights = request.rights
            if rights.company is None:
                raise Http404
            if roles and not rights.has(*roles):
                raise PermissionDenied
            return view(request, rights.company, *args, **kwargs)

        guarded.roles = tuple(roles)  # type: ignore[attr-defined]
        guarded.scope = "company"  # type: ignore[attr-defined]
        return guarded

    return wrap


def instance_view(*roles: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A view of the installation; people without an instance role get 404."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            rights = request.rights
            if not rights.instance:
                raise Http404
            if roles and not any(role in rights.instance for role in roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.roles = tuple(roles)  # type: ignore[attr-defined]
        guarded.scope = "instance"  # type: ignore[attr-defined]
        return guarded

    return wrap


def person_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view for anybody who is logged in (own settings, home, company switch)."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    guarded.scope = "person"  # type: ignore[attr-defined]
    guarded.roles = ()  # type: ignore[attr-defined]
    return guarded


def people_with(company: Company, roles: Iterable[str]) -> list[Person]:
    """Active people who hold one of these roles in the company."""
    return list(
        Person.objects.filter(is_active=True, memberships__company=company, memberships__role__in=list(roles))
        .distinct()
        .order_by("id")
    )
