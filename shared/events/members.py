"""Events of the members service: organisations, members, offices, accounts, adopted rules."""

from datetime import date
from enum import StrEnum

from pydantic import Field

from shared.events.base import Event
from shared.ids import Id
from shared.privacy.sealed import Sealed


class OrganisationKind(StrEnum):
    CENTRAL_BLOC = "central_bloc"  # đảng bộ khối
    SUPERIOR_COMMITTEE = "superior_committee"  # đảng bộ cấp trên cơ sở
    GRASSROOTS_COMMITTEE = "grassroots_committee"  # đảng bộ cơ sở
    PARTIAL_COMMITTEE = "partial_committee"  # đảng bộ bộ phận
    CELL = "cell"  # chi bộ


class Sector(StrEnum):
    """Loại hình: decides which templates and rules apply."""

    VILLAGE = "village"  # thôn, bản, phố
    PARTY_AGENCY = "party_agency"  # cơ quan Đảng, đoàn thể
    STATE_AGENCY = "state_agency"  # cơ quan nhà nước
    PUBLIC_SERVICE = "public_service"  # đơn vị sự nghiệp
    ENTERPRISE = "enterprise"  # doanh nghiệp
    SCHOOL = "school"
    HEALTH = "health"
    ARMED_FORCES = "armed_forces"
    ABROAD = "abroad"
    OTHER = "other"


class MemberStatus(StrEnum):
    OFFICIAL = "official"  # chính thức
    PROBATIONARY = "probationary"  # dự bị


class Office(StrEnum):
    CELL_SECRETARY = "cell_secretary"
    DEPUTY_SECRETARY = "deputy_secretary"
    MINUTE_TAKER = "minute_taker"
    MEMBER = "member"
    COMMITTEE_OFFICE = "committee_office"
    INSPECTOR = "inspector"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    OPERATOR = "operator"


# Organisations: stream "organisation:<id>", partition key the organisation's own id -------------------------


class OrganisationEstablished(Event):
    """A committee or a cell was founded under its parent."""

    organisation: Id
    parent: Id | None
    kind: OrganisationKind
    sector: Sector
    name: str
    country: str = "VN"  # ISO 3166-1 alpha-2
    fixed_meeting_day: int | None = Field(default=None, ge=1, le=31)
    effective_on: date


class OrganisationRenamed(Event):
    """It has another name from that day on."""

    organisation: Id
    name: str
    effective_on: date


class OrganisationMoved(Event):
    """The whole organisation with everything under it goes under another parent."""

    organisation: Id
    parent: Id
    effective_on: date
    decision: str  # number of the decision it rests on


class OrganisationDissolved(Event):
    """It ended, with nobody and nothing left under it."""

    organisation: Id
    effective_on: date
    decision: str


class FixedMeetingDaySet(Event):
    """The cell meets on this day of each month; None: on no fixed day."""

    organisation: Id
    day: int | None = Field(ge=1, le=31)
    effective_on: date


# Members: stream "member:<id>", partition key the cell of admission -----------------------------------------


class MemberAdmitted(Event):
    """A member entered a cell's roll. Personal fields are sealed under the person's own key."""

    member: Id
    cell: Id
    status: MemberStatus
    admitted_on: date
    official_on: date | None = None
    full_name: Sealed
    birth_date: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    address: Sealed | None = None
    exempt: bool = False  # miễn công tác và sinh hoạt


class MemberDetailsCorrected(Event):
    """Only the fields given were corrected; the decision it rests on is named."""

    member: Id
    cell: Id
    decision: str
    full_name: Sealed | None = None
    birth_date: Sealed | None = None
    phone: Sealed | None = None
    email: Sealed | None = None
    address: Sealed | None = None


class MemberRecognisedOfficial(Event):
    """A probationary member became an official one, with a vote."""

    member: Id
    cell: Id
    official_on: date
    decision: str


class ExemptionChanged(Event):
    """A member is exempt from meetings, or is so no longer."""

    member: Id
    cell: Id
    exempt: bool
    from_on: date
    until_on: date | None = None
    reason: str


class MemberLeft(Event):
    """A member is off the cell's roll from that day on."""

    member: Id
    cell: Id
    left_on: date
    reason: str


class PersonErased(Event):
    """The person's key was destroyed: what it sealed can be read nowhere any more."""

    member: Id
    cell: Id
    reason: str


# Offices: stream "office:<id>", partition key the organisation ----------------------------------------------


class OfficeAssigned(Event):
    """An account holds an office in an organisation's subtree from a day on."""

    assignment: Id
    account: Id
    member: Id | None = None
    office: Office
    organisation: Id
    from_on: date
    until_on: date | None = None


class OfficeEnded(Event):
    """It no longer holds it from that day on."""

    assignment: Id
    account: Id
    organisation: Id
    ended_on: date
    reason: str


# Accounts: stream "account:<id>", partition key the organisation. Login name and password are no facts of the log.


class AccountOpened(Event):
    """Somebody may log in for an organisation."""

    account: Id
    organisation: Id
    member: Id | None = None


class AccountClosed(Event):
    """Nobody may log in with it any more."""

    account: Id
    organisation: Id
    reason: str


# Rules: stream "rules:<organisation>", partition key the organisation ---------------------------------------


class RuleAdopted(Event):
    """An organisation sets a parameter of `shared.rules` for its subtree, from a date, on a legal basis."""

    organisation: Id
    code: str
    value: int | float | str | bool | None | list[int] | list[float]
    legal_basis: str
    effective_from: date
    effective_to: date | None = None
