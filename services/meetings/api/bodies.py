"""What a caller sends. Texts are bounded; what the domain must name as missing may be left out here."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.events.meetings import AttendanceStatus, MeetingForm, MeetingKind
from shared.http import Day, Instant, Month, Readable
from shared.ids import Id

Short = Annotated[str, StringConstraints(max_length=200), Readable]
Long = Annotated[str, StringConstraints(max_length=20_000), Readable]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlanBody(Body):
    cell: Id = Field(examples=["chi-bo-ban-phieng-loi"])
    kind: MeetingKind = MeetingKind.REGULAR
    form: MeetingForm = MeetingForm.IN_PERSON
    period: Month | None = Field(default=None, examples=["2026-11"], description="Left out: the month of planned_at.")
    planned_at: Instant = Field(examples=["2026-11-10T14:00:00+07:00"])
    place: Short = Field(examples=["Nhà văn hóa bản Phiêng Lơi"])
    theme: Short | None = Field(
        default=None, examples=["Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh"]
    )


class MoveBody(Body):
    planned_at: Instant = Field(examples=["2026-11-12T14:00:00+07:00"])
    place: Short = Field(examples=["Hội trường UBND xã"])
    reason: Short = Field(examples=["Nhiều đồng chí đi công tác xa ngày 10"])


class CancelBody(Body):
    reason: Short = Field(examples=["Mưa lũ, đường vào bản bị chia cắt"])


class OpenBody(Body):
    chair: Id = Field(examples=["dv-lo-van-thanh"])
    minute_taker: Id = Field(examples=["dv-tong-thi-mai"])


class AttendanceBody(Body):
    member: Id = Field(examples=["dv-quang-van-minh"])
    status: AttendanceStatus = Field(examples=["excused"])
    online: bool = False
    reason: Short | None = Field(default=None, examples=["đi công tác đến 20/11"])


class RollCallBody(Body):
    records: list[AttendanceBody] = Field(min_length=1, max_length=500)


class GuestBody(Body):
    capacity: Short = Field(examples=["Trưởng ban công tác mặt trận bản"])


class StatementBody(Body):
    item: Id = Field(description="An item of the meeting's agenda.")
    speaker: Id = Field(examples=["dv-lo-van-thanh"])
    text: Long = Field(examples=["Đề nghị làm lại đường nội bản trước Tết."])


class ConclusionBody(Body):
    item: Id
    text: Long = Field(examples=["Thống nhất làm lại đường nội bản, hoàn thành trước 15/01/2027."])


class TaskBody(Body):
    """Every field is wanted; what is missing is named in one answer by the rule `task.complete`."""

    owner: Id | None = Field(default=None, examples=["dv-quang-van-minh"])
    description: Long | None = Field(default=None, examples=["Vận động các hộ góp ngày công làm đường"])
    quantity: Decimal | None = Field(default=None, max_digits=12, decimal_places=2, examples=["12"])
    unit: Short | None = Field(default=None, examples=["hộ"])
    deadline: Day | None = Field(default=None, examples=["2027-01-15"])


class CorrectionBody(Body):
    subject: Annotated[str, StringConstraints(pattern="^(attendance|statement|conclusion|task|note)$")]
    target: Id | None = Field(default=None, description="The member, statement, item or task; nothing for a note.")
    after: Long = Field(default="", examples=["Đề nghị làm lại đường nội bản trước Tết Nguyên đán."])
    attendance: AttendanceBody | None = None
    reason: Short = Field(examples=["Thư ký ghi thiếu"])
