"""The roster import over HTTP: a dry run that says what would happen, the real one, and the template."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, Query, Response, UploadFile
from pydantic import BaseModel, Field

from services.members.api.fields import PREFIX, OrganisationId, organisation_in_path
from services.members.imports import BadRow, Report, check, mend, take_in, template
from services.members.imports.workbook import MOST_BYTES, Unreadable
from services.members.register.desk import Register
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.http import CommandDep
from shared.web import language

router = APIRouter(prefix=PREFIX, tags=["roster import"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Importer = Annotated[Actor, Depends(allow("roster.import", organisation_in_path))]
Roster = Annotated[UploadFile, File(description="An .xlsx with a row of headings, of at most 5 MB.")]


class BadRowAnswer(BaseModel):
    row: int = Field(description="Row number as Excel shows it.", examples=[7])
    reasons: list[str] = Field(examples=[["Thiếu ngày vào Đảng."]])
    rules: list[str] = Field(examples=[["import.admission_day_given"]])


class ImportAnswer(BaseModel):
    """What was done, or with ``dry_run`` would be. Every row of the file is in one of the three."""

    dry_run: bool
    total: int
    good: int = Field(description="New members.")
    known: int = Field(description="On the roll already: nothing to do.")
    bad: list[BadRowAnswer]
    position: str | None = Field(default=None, examples=["members.2.4711"])


@router.post("/organisations/{organisation}/roster-imports", summary="Import a roster, or say what an import would do")
async def import_roster(
    organisation: OrganisationId,
    file: Roster,
    desk: Register,
    command: CommandDep,
    actor: Importer,
    dry_run: Annotated[bool, Query(description="Only say what would happen.")] = False,
) -> ImportAnswer:
    content = await received(file)
    if dry_run:
        return answered(await check(desk, content, [organisation], organisation), dry_run=True)
    report, last = await take_in(desk, command, content, [organisation], organisation)
    answer = answered(report, dry_run=False)
    return answer if last is None else answer.model_copy(update={"position": str(last.at)})


@router.post(
    "/organisations/{organisation}/roster-imports/bad-rows",
    summary="The bad rows of a roster as an .xlsx to mend, with the reasons",
    response_class=Response,
)
async def bad_rows(organisation: OrganisationId, file: Roster, desk: Register, actor: Importer) -> Response:
    report = await check(desk, await received(file), [organisation], organisation)
    return xlsx(mend(report.bad, language()), "dong-can-sua.xlsx")


@router.get("/roster-template", summary="An empty roster to fill in", response_class=Response)
async def roster_template(actor: Annotated[Actor, Depends(allow("roster.import"))]) -> Response:
    return xlsx(template(), "mau-danh-sach-dang-vien.xlsx")


async def received(file: UploadFile) -> bytes:
    """The bytes of an uploaded file, unless it is too large. Raises `Unreadable`."""
    if (file.size or 0) > MOST_BYTES:
        raise Unreadable("import.too_large", limit=f"{MOST_BYTES // 1024 // 1024} MB")
    return await file.read()


def answered(report: Report, *, dry_run: bool) -> ImportAnswer:
    return ImportAnswer(
        dry_run=dry_run,
        total=report.total,
        good=len(report.good),
        known=len(report.known),
        bad=[_bad(row) for row in report.bad],
    )


def xlsx(content: bytes, name: str) -> Response:
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _bad(bad: BadRow) -> BadRowAnswer:
    return BadRowAnswer(
        row=bad.row.number,
        reasons=[reason.say(language()) for reason in bad.reasons],
        rules=[reason.rule for reason in bad.reasons],
    )
