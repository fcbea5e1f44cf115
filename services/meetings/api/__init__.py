"""JSON over HTTP under /meetings/api/v1: commands, the paper book, queries."""

from services.meetings.api import commands, paper, queries

routers = (commands.router, paper.router, queries.router)
