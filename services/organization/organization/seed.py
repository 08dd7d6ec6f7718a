"""The demonstration county's part of this service, built by the domain from the shared facts."""

from collections.abc import Iterator
from datetime import date

from govkit.domain import Aggregate, GeoPoint, business_date
from govkit.seeding import Seeder, registered
from lanling_demo import organization_facts as facts
from organization.domain.party import Appointment, PartyOrganization, PartyOrganizationType, Person, Post, PostRole
from organization.domain.powers import DelegatedPowerCategory, DelegatedPowerItem, PowerGrant
from organization.domain.property import (
    Colour,
    ConsequenceKind,
    ConsequenceState,
    ContractKind,
    HandoverPlan,
    HandoverStage,
    HandoverState,
    LinkedConsequence,
    ListEntry,
    ListState,
    PropertyContract,
    PropertyEnterprise,
    RedBlackList,
    SubjectType,
)
from organization.domain.territory import (
    AreaKind,
    Community,
    CommunityOrigin,
    Department,
    Developer,
    PropertyStatus,
    ResidentialArea,
    Street,
)
from organization.domain.venues import Acquisition, OwnersCommittee, ResidentUnit, Venue, VenueKind
from organization.domain.workforce import (
    CommunityWorker,
    ContactPoint,
    DispatchBatch,
    RecruitmentChannel,
    RedCollarSecretary,
)
from organization.seed_governance import batches, meetings, power_uses, scheme, visits


async def seed(seeder: Seeder) -> None:
    """Everything in the order in which it could have come about."""
    for name, records in (
        ("territory", territory()),
        ("persons", persons()),
        ("party", party()),
        ("workforce", workforce()),
        ("powers", powers()),
        ("venues", venues()),
        ("property", property_management()),
        ("scheme", scheme()),
        ("batches", batches()),
    ):
        await seeder.load(name, records)
    await seeder.load("meetings", meetings(), snapshots=True)
    await seeder.load("visits", visits(), snapshots=True)
    await seeder.load("power uses", power_uses(list(powers())), snapshots=True)


def territory() -> Iterator[Aggregate]:
    yield registered(Street(id=facts.STREET.id, code=facts.STREET.code, name=facts.STREET.name))
    for department in facts.departments():
        duties = list(department.duties)
        yield registered(Department(id=department.id, code=department.code, name=department.name, duties=duties))
    ids = {community.code: community.id for community in facts.communities()}
    for community in facts.communities():
        yield registered(
            Community(
                id=community.id,
                code=community.code,
                name=community.name,
                street_id=community.street_id,
                origin=CommunityOrigin[community.origin],
                established_on=community.established_on,
                predecessor_ids=[ids[code] for code in community.predecessor_codes],
                address=community.address,
            )
        )
    developers = {developer.n: developer.id for developer in facts.developers()}
    for developer in facts.developers():
        yield registered(Developer(id=developer.id, name=developer.name, credit_code=developer.credit_code))
    for area in facts.residential_areas():
        yield registered(
            ResidentialArea(
                id=area.id,
                code=area.code,
                name=area.name,
                community_id=area.community_id,
                kind=AreaKind[area.kind],
                property_status=PropertyStatus[area.property_status],
                built_year=area.built_year,
                buildings=area.buildings,
                households=area.households,
                developer_id=developers[area.developer_number] if area.developer_number else None,
                address=area.address,
            )
        )


def persons() -> Iterator[Aggregate]:
    known = {
        person.id: person
        for person in (
            *(office.person for office in facts.offices()),
            *(secretary.person for secretary in facts.red_collar_secretaries()),
            *(point.leader for point in facts.contact_points()),
        )
    }
    for person in known.values():
        yield registered(Person(id=person.id, name=person.name, phone=person.phone))


def party() -> Iterator[Aggregate]:
    organizations: dict[str, PartyOrganization] = {}
    for fact in facts.party_organizations():
        organization = PartyOrganization.establish(
            id=fact.id,
            name=fact.name,
            type=PartyOrganizationType[fact.type],
            parent=organizations[fact.parent_id] if fact.parent_id else None,
            established_on=fact.established_on,
            community_id=fact.community_id,
            residential_area_id=fact.residential_area_id,
            micro_grid_ids=list(fact.micro_grid_ids),
            member_count=fact.member_count,
        )
        organizations[fact.id] = organization
    yield from organizations.values()
    posts: dict[str, Post] = {}
    for office in facts.offices():
        role = PostRole[office.role]
        post = Post(id=office.post_id, party_organization_id=office.party_organization_id, role=role, capacity=1)
        if known := posts.get(post.id):
            known.capacity += 1
        posts.setdefault(post.id, post)
    yield from map(registered, posts.values())
    for office in facts.offices():
        yield Appointment.start(
            id=office.id,
            organization=organizations[office.party_organization_id],
            role=PostRole[office.role],
            person_id=office.person.id,
            start_on=office.start_on,
            on_behalf_of_id=office.on_behalf_of_id,
        )


def workforce() -> Iterator[Aggregate]:
    for fact in facts.community_workers():
        worker = CommunityWorker.hire(
            id=fact.id,
            name=fact.person.name,
            phone=fact.person.phone,
            community_id=fact.community_id,
            recruitment_channel=RecruitmentChannel[fact.recruitment_channel],
            hired_on=fact.hired_on,
        )
        worker.deploy(fact.residential_area_id, fact.community_id, fact.deployed_on)
        yield worker
    for batch in facts.dispatch_batches():
        yield registered(
            DispatchBatch(id=batch.id, number=batch.number, dispatched_on=batch.dispatched_on, size=batch.size)
        )
    for secretary in facts.red_collar_secretaries():
        yield RedCollarSecretary.dispatch(
            id=secretary.id,
            person_id=secretary.person.id,
            origin_department_id=secretary.origin_department_id,
            batch_id=secretary.batch_id,
            community_id=secretary.community_id,
            start_on=secretary.start_on,
            planned_months=secretary.planned_months,
            help_plan=secretary.help_plan,
        )
    for point in facts.contact_points():
        yield registered(
            ContactPoint(
                id=point.id,
                leader_id=point.leader.id,
                community_id=point.community_id,
                start_on=point.start_on,
                visit_every_days=point.visit_every_days,
                last_visit_on=max((visit.on for visit in point.visits), default=None),
            )
        )


def powers() -> Iterator[Aggregate]:
    for position, category in enumerate(facts.power_categories(), start=1):
        yield registered(
            DelegatedPowerCategory(
                id=category.id, code=category.code, name=category.name, position=position, sample=True
            )
        )
        for item in category.items:
            yield registered(
                DelegatedPowerItem(
                    id=item.id,
                    code=item.code,
                    name=item.name,
                    category_id=category.id,
                    from_department_id=item.from_department_id,
                    effective_on=item.effective_on,
                    sample=True,
                )
            )
    for grant in facts.power_grants():
        yield PowerGrant.grant(
            id=grant.id, item_code=grant.item_code, community_id=grant.community_id, start_on=grant.start_on
        )


def venues() -> Iterator[Aggregate]:
    for fact in facts.venues():
        longitude, latitude = fact.location
        yield registered(
            Venue(
                id=fact.id,
                kind=VenueKind[fact.kind],
                name=fact.name,
                community_id=fact.community_id,
                residential_area_id=fact.residential_area_id,
                address=fact.address,
                location=GeoPoint(longitude=longitude, latitude=latitude),
                area_m2=fact.area_m2,
                acquired_by=Acquisition[fact.acquired_by],
                opens_at=fact.opens,
                closes_at=fact.closes,
                facilities=list(fact.facilities),
                capacity=fact.capacity,
            )
        )
    for unit in facts.resident_units():
        yield registered(
            ResidentUnit(id=unit.id, name=unit.name, community_id=unit.community_id, reported_on=unit.reported_on)
        )
    communities = {community.code: community.id for community in facts.communities()}
    for committee in facts.owners_committees():
        yield registered(
            OwnersCommittee(
                id=committee.id,
                residential_area_id=committee.residential_area_id,
                community_id=communities[committee.community_code],
                established_on=committee.established_on,
                term_ends_on=committee.term_ends_on,
                filed=committee.filed,
            )
        )


def property_management() -> Iterator[Aggregate]:
    communities = {community.code: community.id for community in facts.communities()}
    for enterprise in facts.property_enterprises():
        yield registered(
            PropertyEnterprise(
                id=enterprise.id,
                name=enterprise.name,
                credit_code=enterprise.credit_code,
                state_owned=enterprise.state_owned,
                party_organization_id=enterprise.party_organization_id,
            )
        )
    for fact in facts.property_contracts():
        yield PropertyContract.sign(
            id=fact.id,
            residential_area_id=fact.residential_area_id,
            community_id=communities[fact.community_code],
            enterprise_id=fact.enterprise_id,
            kind=ContractKind[fact.kind],
            start_on=fact.start_on,
            fee_per_m2_fen=fact.fee_per_m2_fen,
        )
    yield from map(handover_plan, facts.handover_plans())
    yield from map(red_black_list, facts.red_black_lists())
    for consequence in facts.linked_consequences():
        yield linked_consequence(consequence)


def handover_plan(fact: facts.HandoverPlan) -> HandoverPlan:
    """A plan that went through all its stages."""
    communities = {community.code: community.id for community in facts.communities()}
    plan = HandoverPlan(
        id=fact.id,
        residential_area_id=fact.residential_area_id,
        community_id=communities[fact.community_code],
        enterprise_id=fact.enterprise_id,
        batch_number=fact.batch_number,
        stages=[HandoverStage(name=stage.name, due_on=stage.due_on) for stage in fact.stages],
        responsibility_split=fact.responsibility_split,
        charge_standard=fact.charge_standard,
    )
    plan.approve()
    for stage in fact.stages:
        plan.complete_stage(stage.done_on)
    plan.complete(fact.completed_on)
    assert plan.state is HandoverState[fact.state]
    return plan


def red_black_list(fact: facts.RedBlackList) -> RedBlackList:
    listed = RedBlackList(
        id=fact.id,
        period=fact.period,
        edition=fact.version,
        entries=[
            ListEntry(subject_id=entry.enterprise_id, colour=Colour[entry.colour], rank=entry.rank, score=entry.score)
            for entry in fact.entries
        ],
        drafted_by="street",
        corrects_id=fact.corrects_id,
    )
    listed.publish("housing", fact.published_at)
    listed.state = ListState[fact.state]
    return listed


def lifted_on(fact: facts.LinkedConsequence) -> date:
    """The list from which it followed was corrected on that day."""
    correction = next(listed for listed in facts.red_black_lists() if listed.corrects_id == fact.basis_list_id)
    return business_date(correction.published_at)


def linked_consequence(fact: facts.LinkedConsequence) -> LinkedConsequence:
    consequence = LinkedConsequence(
        id=fact.id,
        subject_type=SubjectType[fact.subject_type],
        subject_id=fact.subject_id,
        kind=ConsequenceKind[fact.kind],
        start_on=fact.start_on,
        end_on=fact.end_on,
        basis_list_id=fact.basis_list_id,
    ).activate()
    if ConsequenceState[fact.state] is ConsequenceState.LIFTED:
        consequence.lift(lifted_on(fact))
    else:
        consequence.state = ConsequenceState[fact.state]
    return consequence
