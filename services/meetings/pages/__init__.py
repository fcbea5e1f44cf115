"""HTML pages under /meetings. ``plan`` comes before ``room``: its path would else be read as a meeting's id."""

from services.meetings.pages import desk, home, minutes, plan, room

routers = (home.router, plan.router, minutes.router, desk.router, room.router)
