"""A roster from an Excel file: read, checked row by row, taken in through the same commands as everything else."""

from services.members.imports.report import BadRow, Reason, Report
from services.members.imports.roster import check, take_in
from services.members.imports.sheet import mend, template
from services.members.imports.workbook import Unreadable, read_workbook

__all__ = ["BadRow", "Reason", "Report", "Unreadable", "check", "mend", "read_workbook", "take_in", "template"]
