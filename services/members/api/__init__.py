"""JSON over HTTP: parse, ask for a command or a query, answer."""

from fastapi import APIRouter

from services.members.api import keys, members, organisations, readings, roster_imports, rules

ROUTERS: tuple[APIRouter, ...] = (
    organisations.router,
    members.router,
    rules.router,
    roster_imports.router,
    readings.router,
    keys.router,
)
