"""Importing a roster in a browser: choose a file, see what would happen, confirm. The file is not kept in between."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import Response

from services.members.api.roster_imports import received, xlsx
from services.members.imports import Report, Unreadable, check, mend, take_in, template
from services.members.pages.words import refusal
from services.members.register.desk import Desk, Register
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.auth.permissions import PERMISSIONS
from shared.http import CommandDep
from shared.organisations import organisations
from shared.refusal import Refused
from shared.web import language, render, see_other
from shared.web.i18n import _, ngettext

router = APIRouter(prefix="/members/import", include_in_schema=False)

MOST_BYTES: Final = 700 * 1024  # a form field carries it from the report to the confirmation, and holds 1 MB
SHOWN: Final = 200  # bad rows on the page; the file to mend holds all

Importer = Annotated[Actor, Depends(allow("roster.import"))]
Carried = Annotated[str, Form(description="The file, base64url, as the report's page carries it.")]


@router.get("")
async def choose(request: Request, desk: Register, actor: Importer) -> Response:
    return await _form(request, desk, actor)


@router.get("/template.xlsx")
async def download_template(actor: Importer) -> Response:
    return xlsx(template(), "mau-danh-sach-dang-vien.xlsx")


@router.post("")
async def dry_run(
    request: Request, desk: Register, actor: Importer, file: Annotated[UploadFile | None, File()] = None
) -> Response:
    try:
        content = await received(file) if file is not None else b""
        if len(content) > MOST_BYTES:
            raise Unreadable("import.too_large", limit=f"{MOST_BYTES // 1024} kB")
        report = await check(desk, content, _roots(actor))
    except Refused as refused:
        return await _form(request, desk, actor, refused)
    return await _report(request, desk, report, content)


@router.post("/confirm")
async def confirm(
    request: Request, desk: Register, command: CommandDep, actor: Importer, carried: Carried = ""
) -> Response:
    try:
        report, last = await take_in(desk, command, _decoded(carried), _roots(actor))
    except Refused as refused:
        return await _form(request, desk, actor, refused)
    taken = len(report.good)
    said = ngettext("Đã ghi {n} đảng viên vào danh sách.", taken)
    return see_other("/members", message=said, at=str(last.at) if last else None)


@router.post("/bad-rows.xlsx")
async def bad_rows(request: Request, desk: Register, actor: Importer, carried: Carried = "") -> Response:
    try:
        report = await check(desk, _decoded(carried), _roots(actor))
    except Refused as refused:
        return await _form(request, desk, actor, refused)
    return xlsx(mend(report.bad, language()), "dong-can-sua.xlsx")


def _roots(actor: Actor) -> list[str]:
    return actor.organisations(*PERMISSIONS["roster.import"])


def _decoded(carried: str) -> bytes:
    try:
        return urlsafe_b64decode(carried)
    except (NotBase64, ValueError):
        raise Unreadable("import.not_a_workbook") from None


async def _form(request: Request, desk: Desk, actor: Actor, refused: Refused | None = None) -> Response:
    text, source, status = refusal(refused) if refused else ("", "", 200)
    roots = (await organisations(desk.pool, _roots(actor))).values()
    return render(
        request,
        "members/import.html",
        status=status,
        title=_("Nhập danh sách đảng viên"),
        roots=[one.name for one in roots],
        error=text,
        source=source,
    )


async def _report(request: Request, desk: Desk, report: Report, content: bytes) -> Response:
    cells = await organisations(desk.pool, sorted({row.cell for row in (*report.good, *report.known)}))
    return render(
        request,
        "members/import_report.html",
        title=_("Kết quả kiểm tra tệp"),
        report=report,
        by_cell=_counted([row.cell for row in report.good], {id: one.name for id, one in cells.items()}),
        bad=[
            {
                "number": row.row.number,
                "name": str(row.row.values.get("full_name", "")),
                "reasons": [reason.say(language()) for reason in row.reasons],
            }
            for row in report.bad[:SHOWN]
        ],
        notes=[
            {"number": row.row.number, "texts": [note.say(language()) for note in row.notes]}
            for row in report.good[:SHOWN]
            if row.notes
        ],
        carried=urlsafe_b64encode(content).decode(),
    )


def _counted(cells: Sequence[str], names: dict[str, str]) -> list[tuple[str, int]]:
    return sorted((names[cell], cells.count(cell)) for cell in set(cells))
