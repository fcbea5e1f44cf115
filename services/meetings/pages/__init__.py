"""HTML pages under /meetings. ``plan`` and ``paper`` come before ``room``: their paths would else be meetings' ids."""

from services.meetings.pages import desk, home, minutes, paper, plan, room

routers = (home.router, plan.router, paper.router, minutes.router, desk.router, room.router)
