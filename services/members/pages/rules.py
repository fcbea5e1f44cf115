"""The rules an organisation goes by today: each with its value, its basis and whose it is; and adopting one."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.members.api.fields import organisation_in_path
from services.members.api.rules import Adoption
from services.members.pages.forms import NO_TROUBLE, Trouble, Wrong, filled, may, trouble_of, typed
from services.members.pages.register import crumbs
from services.members.pages.words import LIMITS, UNITS
from services.members.register import rules
from services.members.register.desk import Desk, Register
from shared.auth.http import allow
from shared.auth.model import Actor
from shared.context import Context, Ctx
from shared.http import CommandDep
from shared.ids import Id
from shared.organisations import organisation as organisation_of
from shared.organisations import organisations
from shared.refusal import require
from shared.rules import PARAMETERS, AdoptedRule, NotInForce, Parameter, RuleSet, Value
from shared.rules.adopted import VIEW
from shared.web import language, render, see_other
from shared.web.i18n import _

router = APIRouter(prefix="/members/organisations/{organisation}/rules", include_in_schema=False)


@router.get("")
async def show_rules(
    request: Request,
    organisation: Id,
    ctx: Ctx,
    desk: Register,
    actor: Annotated[Actor, Depends(allow("organisation.read", organisation_in_path))],
    at: str | None = None,
) -> Response:
    await ctx.caught_up(VIEW, at)
    return await _page(request, ctx, desk, actor, organisation)


@router.post("")
async def adopt(
    request: Request,
    organisation: Id,
    ctx: Ctx,
    desk: Register,
    command: CommandDep,
    actor: Annotated[Actor, Depends(allow("rule.adopt", organisation_in_path))],
) -> Response:
    given = await typed(request)
    try:
        code = given.get("code", "")
        body = filled(Adoption, {**given, "value": "-"}).model_copy(
            update={"value": read_value(PARAMETERS.get(code), given.get("value", ""))}
        )
        appended = await rules.adopt(desk, command, organisation, **dict(body))
    except Wrong as error:
        return await _page(request, ctx, desk, actor, organisation, trouble_of(error, "adopt", given))
    said = _("Đã ban hành quy tắc.")
    return see_other(f"/members/organisations/{organisation}/rules", message=said, at=str(appended.at))


def read_value(parameter: Parameter | None, text: str) -> Value:
    """What was typed, as the parameter's type writes it; what cannot be read stays text, and is refused by name."""
    if not text:
        return None
    try:
        match parameter:
            case Parameter(type="integer"):
                return int(text)
            case Parameter(type="integers"):
                return [int(part) for part in text.replace(",", " ").replace(";", " ").split()]
    except ValueError:
        pass
    return text


async def _page(
    request: Request, ctx: Context, desk: Desk, actor: Actor, organisation: str, trouble: Trouble = NO_TROUBLE
) -> Response:
    found = await organisation_of(desk.pool, organisation)
    require(found is not None, "organisation.known")
    assert found is not None  # `require` raised otherwise
    ruleset = await ctx.rules.at(organisation, desk.today)
    above = await organisations(desk.pool, sorted({one.organisation for one in ruleset.adopted.values()}))
    names = {id: one.name for id, one in above.items()}
    return render(
        request,
        "members/rules.html",
        status=trouble.status,
        title=_("Quy tắc đang áp dụng"),
        root=found,
        crumbs=await crumbs(desk, actor, organisation),
        rows=[_row(one, ruleset, names) for one in PARAMETERS.values()],
        own=[_told(one.code, one.value, one.legal_basis, one.effective_from, one.effective_to)
             for one in await rules.adopted(desk, organisation)],
        codes=[(one.code, f"{_label(one)} ({UNITS[one.unit]})") for one in PARAMETERS.values()],
        may_adopt=await may(desk, actor, "rule.adopt", organisation) and found.dissolved_on is None,
        today=desk.today,
        trouble=trouble,
    )  # fmt: skip


def _row(parameter: Parameter, ruleset: RuleSet, names: dict[str, str]) -> dict[str, Any]:
    try:
        rule = ruleset.in_force(parameter.code)
    except NotInForce:
        return {
            "label": _label(parameter),
            "code": parameter.code,
            "value": _("chưa quy định"),
            "basis": "–",
            "since": None,
            "until": None,
            "whose": None,
        }
    told = _told(parameter.code, rule.value, rule.legal_basis, rule.effective_from, rule.effective_to)
    whose = names.get(rule.organisation, rule.organisation) if isinstance(rule, AdoptedRule) else None
    return {**told, "whose": whose}


def _told(code: str, value: Value, basis: str, since: date, until: date | None) -> dict[str, Any]:
    parameter = PARAMETERS[code]
    shown = _shown(parameter, value)
    return {
        "label": _label(parameter), "code": code, "value": shown, "basis": basis, "since": since, "until": until,
    }  # fmt: skip


def _label(parameter: Parameter) -> str:
    return parameter.en if language() == "en" else parameter.vi


def _shown(parameter: Parameter, value: Value) -> str:
    if value is None:
        return _("không giới hạn")
    text = ", ".join(str(part) for part in value) if isinstance(value, list) else str(value)
    limit = str(LIMITS[parameter.limit]) if parameter.limit else ""
    return " ".join(part for part in (limit, text, str(UNITS[parameter.unit])) if part)
