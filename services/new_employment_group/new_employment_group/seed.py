"""The demonstration county's part of this service, built by the domain from the shared facts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from govkit.domain import Aggregate, GeoPoint
from govkit.seeding import Seeder, registered
from lanling_demo import new_employment_facts as facts
from lanling_demo.departments import department_id
from lanling_demo.ids import stable_id
from lanling_demo.petition_facts import petitions
from lanling_demo.story import AS_OF
from lanling_demo.supervisors import PER_POST
from new_employment_group.domain.care import CareDelivery, CareMeasure, Plan, PlanCode, PlanProject
from new_employment_group.domain.insurance import InsuranceEnrollment, InsurancePayer, InsuranceType
from new_employment_group.domain.reports import SupervisorReport
from new_employment_group.domain.sectors import (
    Enterprise,
    IndustryCommittee,
    NewBusinessOrganizationType,
    NewBusinessPartyOrganization,
    NewEmploymentSector,
)
from new_employment_group.domain.stations import (
    BeeStation,
    SixHaveItem,
    SixHaveStandard,
    StationHost,
    StationInspection,
    StationItem,
)
from new_employment_group.domain.supervisors import (
    GovernanceSupervisor,
    PostQuota,
    SupervisorBatch,
    SupervisorPost,
    SupervisorPostType,
)
from new_employment_group.domain.unions import IndustryUnion, UnionMembership
from new_employment_group.domain.workers import Consent, ConsentPurpose, Worker, WorkerOccupation
from new_employment_group.handlers.workers import build_worker
from new_employment_group.personal_data import vault

CONSENT_TEXT = "2023-01"


async def seed(seeder: Seeder) -> None:
    """Everything in the order in which it could have come about. Ends the process when DEMO_DATA is not 1."""
    if not vault().demo_data:
        raise SystemExit("configuration: DEMO_DATA must be 1; the demonstration county has invalid identity numbers")
    workers = {fact.id: worker(fact) for fact in facts.workers()}
    members, insured = memberships(workers), insurance(workers)
    await seeder.load("sectors", sectors())
    await seeder.load("workers", workers.values())
    await seeder.load("memberships", members, snapshots=True)
    await seeder.load("insurance", insured, snapshots=True)
    await seeder.load("stations", stations())
    await seeder.load("care", care())
    # One batch, so one commit: when a supervisor is known, all reports of the past are. A snapshot of a petition that
    # arrives before it finds no supervisor, one that arrives later finds the report.
    await seeder.load("supervisors", supervisors(workers))


def sectors() -> Iterator[Aggregate]:
    committees: dict[str, IndustryCommittee] = {}
    for committee in facts.industry_committees():
        committees[committee.id] = registered(
            IndustryCommittee(
                id=committee.id,
                sector=NewEmploymentSector[committee.sector],
                name=committee.name,
                lead_department_id=committee.lead_department_id,
                established_on=committee.established_on,
                secretary_name=committee.secretary.name,
            )
        )
    organizations = {
        fact.id: NewBusinessPartyOrganization.establish(
            id=fact.id,
            name=fact.name,
            type=NewBusinessOrganizationType[fact.type],
            committee=committees[fact.industry_committee_id],
            established_on=fact.established_on,
            member_count=fact.member_count,
        )
        for fact in facts.new_business_organizations()
    }
    unions = {
        fact.id: registered(
            IndustryUnion(
                id=fact.id,
                name=fact.name,
                sector=NewEmploymentSector[fact.sector],
                established_on=fact.established_on,
                chair_name=fact.chair.name,
            )
        )
        for fact in facts.unions()
    }
    yield from (*committees.values(), *organizations.values(), *unions.values())
    for item in facts.enterprises():
        enterprise = registered(
            Enterprise(
                id=item.id,
                name=item.name,
                credit_code=item.credit_code,
                sector=NewEmploymentSector[item.sector],
                community_id=item.community_id,
                location=GeoPoint(longitude=item.location[0], latitude=item.location[1]),
                registered_on=item.registered_on,
            )
        )
        if item.party_organization_id:
            enterprise.join_party_organization(organizations[item.party_organization_id])
        enterprise.join_union(item.union_id, unions[item.union_id].sector)
        yield enterprise


def worker(fact: facts.NewEmploymentWorker) -> Worker:
    given_at = datetime.combine(fact.consented_on, time(1), UTC)
    return build_worker(
        vault(),
        id=fact.id,
        display_name=fact.display_name,
        phone=fact.phone,
        id_number=fact.identity_number,
        occupation=WorkerOccupation[fact.occupation],
        enterprise_ids=[fact.enterprise_id],
        community_id=fact.community_id,
        union_ids=[],
        resident_id=fact.resident_id,
        consents=[Consent(purpose=purpose, text_version=CONSENT_TEXT, given_at=given_at) for purpose in ConsentPurpose],
        registered_on=fact.registered_on,
    )


def memberships(workers: dict[str, Worker]) -> list[UnionMembership]:
    unions = {record.id: record for record in sectors() if isinstance(record, IndustryUnion)}
    found = []
    for fact in facts.memberships():
        membership = UnionMembership.apply(
            id=fact.id, worker=workers[fact.worker_id], union=unions[fact.union_id], on=fact.applied_on
        )
        membership.approve(fact.joined_on)
        found.append(membership)
    return found


def insurance(workers: dict[str, Worker]) -> list[InsuranceEnrollment]:
    """Each one checked against those of the same worker before it."""
    of_worker: dict[str, list[InsuranceEnrollment]] = {}
    found = []
    for fact in facts.insurance_enrollments():
        others = of_worker.setdefault(fact.worker_id, [])
        enrollment = InsuranceEnrollment.enroll(
            id=fact.id,
            worker=workers[fact.worker_id],
            type=InsuranceType[fact.type],
            payer=InsurancePayer[fact.payer],
            from_on=fact.from_on,
            to_on=None,
            others=others,
        )
        others.append(enrollment)
        found.append(enrollment)
    return found


def stations() -> Iterator[Aggregate]:
    items = facts.six_have_standard()
    standard = registered(
        SixHaveStandard(
            id=stable_id("six-have-standard", 1),
            edition=1,
            items=[
                SixHaveItem(code=item.code, name=item.name, mandatory=item.mandatory, sample=item.sample)
                for item in items
            ],
            effective_on=date(AS_OF.year, 1, 1),
        )
    )
    yield standard
    for fact in facts.bee_stations():
        station = BeeStation(
            id=fact.id,
            name=fact.name,
            host=StationHost[fact.host],
            venue_id=fact.venue_id,
            community_id=fact.community_id,
            location=GeoPoint(longitude=fact.location[0], latitude=fact.location[1]),
            opens_at=fact.opens,
            closes_at=fact.closes,
            attended=fact.attended,
            items=[],
            visits=fact.visits,
        )
        found = [
            StationItem(code=item.code, present=item.present, checked_on=item.checked_on, expires_on=item.expires_on)
            for item in fact.items
        ]
        inspected_on = fact.items[0].checked_on
        failing = station.inspect(found, standard, inspected_on)
        station.open(standard, fact.opened_on)
        assert station.compliant is fact.compliant
        yield station
        yield StationInspection(
            id=stable_id("station-inspection", fact.n),
            bee_station_id=station.id,
            community_id=station.community_id,
            standard_edition=standard.edition,
            inspected_on=inspected_on,
            items=found,
            failing=list(failing),
            compliant=station.compliant,
        )


def care() -> Iterator[Aggregate]:
    for measure in facts.care_measures():
        yield registered(
            CareMeasure(
                id=measure.id,
                number=measure.number,
                title=measure.title,
                department_id=measure.department_id,
                target=measure.target,
                unit=measure.unit,
                from_on=measure.from_on,
                sample=True,
            )
        )
        for delivery in measure.deliveries:
            yield registered(
                CareDelivery(
                    id=delivery.id,
                    measure_number=measure.number,
                    delivered_on=delivery.on,
                    beneficiaries=delivery.beneficiaries,
                    station_id=delivery.station_id,
                )
            )
    for plan in facts.plans():
        yield registered(Plan(id=plan.id, code=PlanCode[plan.code], name=plan.name))
        for project in plan.projects:
            yield registered(
                PlanProject(
                    id=project.id,
                    plan_id=plan.id,
                    title=project.title,
                    owner_department_id=department_id(project.owner_department_code),
                    from_on=project.from_on,
                    to_on=project.to_on,
                    target=project.target,
                    done=project.done,
                )
            )


def supervisors(workers: dict[str, Worker]) -> Iterator[Aggregate]:
    """Posts, the batch, its supervisors (published as appointed, for the petition service) and their reports."""
    posts = {
        code: registered(
            SupervisorPostType(
                id=stable_id("supervisor-post-type", code),
                post_type=SupervisorPost[code],
                allowed_categories=list(categories),
                allowed_occupations=[WorkerOccupation.COURIER, WorkerOccupation.FOOD_DELIVERY_RIDER],
            )
        )
        for code, categories in facts.POSTS.items()
    }
    everybody = facts.supervisors()
    batch = registered(
        SupervisorBatch(
            id=stable_id("supervisor-batch", 1),
            number=1,
            announced_on=everybody[0].appointed_on,
            quotas=[PostQuota(post_type=post.post_type, places=PER_POST) for post in posts.values()],
        )
    )
    found: dict[str, GovernanceSupervisor] = {}
    for fact in everybody:
        post, holder = posts[fact.post_type], workers[fact.worker_id]
        supervisor = GovernanceSupervisor.nominate(
            id=fact.id,
            worker=holder,
            post=post,
            batch_number=fact.batch_number,
            community_ids=list(fact.community_ids),
            on=fact.appointed_on,
        )
        supervisor.appoint(
            worker=holder,
            post=post,
            batch=batch,
            on=fact.appointed_on,
            term_ends_on=fact.term_ends_on,
            certificate_number=fact.certificate_number,
        )
        found[fact.id] = supervisor
    filed = list(reports(found))
    yield from (*posts.values(), batch, *found.values(), *filed)


def reports(supervisors: dict[str, GovernanceSupervisor]) -> Iterator[SupervisorReport]:
    """What became of the supervisors' petitions, as a snapshot: nothing is confirmed, and so rewarded, now."""
    for petition in petitions():
        if petition.source_id not in supervisors or (petition.timeline is None and petition.decided_at is None):
            continue
        supervisor = supervisors[petition.source_id]
        report = SupervisorReport.submit(
            supervisor=supervisor,
            petition_id=petition.id,
            at=petition.submitted_at,
            category_code=petition.category_code,
            community_id=petition.community_id,
        )
        timeline = petition.timeline
        ended_at = timeline.closed_at if timeline else petition.decided_at
        if ended_at is not None:
            # The county confirmed all that were accepted and closed.
            report.close(supervisor, at=ended_at, outcome="SOLVED" if timeline else None)
        report.take_events()
        report.record(SupervisorReport.snapshot_event())
        yield report
