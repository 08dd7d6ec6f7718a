"""Commands on workers. Identity numbers and telephone numbers are sealed here, before anything is stored."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from govkit.commands import Context, command
from govkit.domain import Code, Doc, Id, Name, Pattern, Role, Text
from new_employment_group.domain.codes import id_number_holds, is_demonstration_id_number
from new_employment_group.domain.errors import NegError
from new_employment_group.domain.insurance import InsuranceEnrollment
from new_employment_group.domain.unions import UnionMembership
from new_employment_group.domain.workers import REGISTRARS, Consent, ConsentPurpose, Worker, WorkerOccupation
from new_employment_group.handlers.days import day_of
from new_employment_group.personal_data import Vault, vault

Phone = Annotated[str, Pattern(r"1\d{10}", "19900001234")]
IdNumber = Annotated[str, Pattern(r"\d{17}[\dXx]", "37132419000101001X")]


@dataclass(frozen=True, kw_only=True)
class ConsentGiven:
    """同意 Consent that the worker gave, to a text of a version"""

    purpose: Annotated[ConsentPurpose, Doc("目的 Purpose")]
    text_version: Annotated[Code, Doc("文本版本 Version of the text")]


@dataclass(frozen=True, kw_only=True)
class RegisterWorker:
    display_name: Annotated[Name, Doc("姓名 Name")]
    phone: Annotated[Phone | None, Doc("联系电话 Mobile phone, 11 digits")] = None
    id_number: Annotated[IdNumber, Doc("身份证号 Identity number; stored sealed, never returned in full")]
    occupation: Annotated[WorkerOccupation, Doc("职业 Occupation")]
    enterprise_ids: Annotated[list[Id], Doc("所在企业 Enterprises")]
    community_id: Annotated[Id | None, Doc("居住或服务社区 Community")] = None
    union_id: Annotated[Id | None, Doc("经办工会 Union that registers the worker")] = None
    resident_id: Annotated[Id | None, Doc("居民标识 Resident that the worker signs in as")] = None
    consents: Annotated[list[ConsentGiven], Doc("同意 Consents: REGISTRATION and IDENTITY_NUMBER at least")]


@command(*REGISTRARS, Role.RESIDENT)
async def register_worker(context: Context, input: RegisterWorker) -> Worker:
    """登记从业者 Register a worker, with the consents that the law asks for."""
    worker = build_worker(
        vault(),
        id=context.new_id(),
        display_name=input.display_name,
        phone=input.phone,
        id_number=input.id_number,
        occupation=input.occupation,
        enterprise_ids=input.enterprise_ids,
        community_id=input.community_id,
        union_ids=[input.union_id] if input.union_id else [],
        resident_id=input.resident_id,
        consents=[
            Consent(purpose=item.purpose, text_version=item.text_version, given_at=context.now)
            for item in input.consents
        ],
        registered_on=context.today,
    )
    if await context.first(Worker, id_number_hash=vault().fingerprints(input.id_number.upper())):
        raise NegError.WORKER_EXISTS(field="idNumber")
    return await context.add(worker)


def build_worker(
    sealing: Vault,
    *,
    id: str,
    display_name: str,
    phone: str | None,
    id_number: str,
    occupation: WorkerOccupation,
    enterprise_ids: list[str],
    community_id: str | None,
    union_ids: list[str],
    resident_id: str | None,
    consents: list[Consent],
    registered_on: date,
) -> Worker:
    """A worker with sealed personal data. Raises NEG_ID_NUMBER_INVALID, NEG_CONSENT_REQUIRED."""
    number = id_number.upper()
    if not (id_number_holds(number) or (sealing.demo_data and is_demonstration_id_number(number))):
        raise NegError.ID_NUMBER_INVALID(field="idNumber")
    worker = Worker(
        id=id,
        resident_id=resident_id,
        display_name=display_name,
        phone_sealed=sealing.seal(phone, id) if phone else None,
        id_number_sealed=sealing.seal(number, id),
        id_number_hash=sealing.fingerprint(number),
        occupation=occupation,
        enterprise_ids=enterprise_ids,
        community_id=community_id,
        union_ids=union_ids,
        registered_on=registered_on,
        consents=consents,
    )
    worker.check()
    return worker


@dataclass(frozen=True, kw_only=True)
class UpdateWorker:
    id: Annotated[Id, Doc("从业者 Worker")]
    display_name: Annotated[Name | None, Doc("姓名 Name")] = None
    phone: Annotated[Phone | None, Doc("联系电话 Mobile phone, 11 digits")] = None
    occupation: Annotated[WorkerOccupation | None, Doc("职业 Occupation")] = None
    enterprise_ids: Annotated[list[Id] | None, Doc("所在企业 Enterprises")] = None
    community_id: Annotated[Id | None, Doc("居住或服务社区 Community")] = None
    resident_id: Annotated[Id | None, Doc("居民标识 Resident that the worker signs in as, if unknown yet")] = None


@command(on=Worker)
async def update_worker(context: Context, input: UpdateWorker) -> Worker:
    """变更从业者 Change what is registered of a worker; workers themselves change phone and community only."""
    worker = await context.load(Worker, input.id)
    official = (input.display_name, input.occupation, input.enterprise_ids, input.resident_id)
    if any(value is not None for value in official):
        context.actor.require(frozenset(REGISTRARS), worker.place())
    worker.display_name = input.display_name or worker.display_name
    worker.occupation = input.occupation or worker.occupation
    worker.community_id = input.community_id or worker.community_id
    if input.enterprise_ids is not None:
        worker.enterprise_ids = input.enterprise_ids
    if input.phone:
        worker.phone_sealed = vault().seal(input.phone, worker.id)
    if input.resident_id and input.resident_id != worker.resident_id:
        await link_resident(context, worker, input.resident_id)
    await context.check_references(worker)
    return worker


async def link_resident(context: Context, worker: Worker, resident_id: str) -> None:
    """The worker's own records follow, so that the resident sees them. Raises NEG_RESIDENT_LINKED."""
    if worker.resident_id is not None:
        raise NegError.RESIDENT_LINKED(field="residentId")
    worker.resident_id = resident_id
    for membership in await context.find(UnionMembership, worker_id=worker.id):
        membership.resident_id = resident_id
    for enrollment in await context.find(InsuranceEnrollment, worker_id=worker.id):
        enrollment.resident_id = resident_id


@dataclass(frozen=True, kw_only=True)
class RecordWorkerLeft:
    id: Annotated[Id, Doc("从业者 Worker")]
    on: Annotated[date, Doc("离开日期 Left on")]
    reason: Annotated[Text, Doc("原因 Reason")]


@command(on=Worker)
async def record_worker_left(context: Context, input: RecordWorkerLeft) -> Worker:
    """登记离开 Record that a worker left the sector."""
    worker = await context.load(Worker, input.id)
    worker.leave(day_of(context, input.on, "on"))
    return worker


@dataclass(frozen=True, kw_only=True)
class GiveConsent:
    id: Annotated[Id, Doc("从业者 Worker")]
    purpose: Annotated[ConsentPurpose, Doc("目的 Purpose")]
    text_version: Annotated[Code, Doc("文本版本 Version of the text")]


@command(on=Worker)
async def give_consent(context: Context, input: GiveConsent) -> Worker:
    """记录同意 Record a consent of the worker."""
    worker = await context.load(Worker, input.id)
    worker.consent(input.purpose, input.text_version, context.now)
    return worker


@dataclass(frozen=True, kw_only=True)
class WithdrawConsent:
    id: Annotated[Id, Doc("从业者 Worker")]
    purpose: Annotated[ConsentPurpose, Doc("目的 Purpose")]


@command(on=Worker)
async def withdraw_consent(context: Context, input: WithdrawConsent) -> Worker:
    """撤回同意 Withdraw a consent: what needs it is refused from now on."""
    worker = await context.load(Worker, input.id)
    worker.withdraw(input.purpose, context.now)
    return worker
