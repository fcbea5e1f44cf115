"""The supervision wall: a committee's cells down, months across, kept as facts arrive."""

from services.inspection.views.wall import meetings, tree
from services.inspection.views.wall.tables import WALL

__all__ = ["WALL", "meetings", "tree"]
