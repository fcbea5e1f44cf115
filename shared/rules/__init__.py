"""Rules as data: parameters with their legal bases, dated and scoped to a subtree, and the working-day calendar."""

from shared.rules.calendar import WORKING_DAYS, Calendar, YearNotInCalendar
from shared.rules.parameters import PARAMETERS, Parameter, Share, UnknownRule, Value, check_value, parameter
from shared.rules.ruleset import AdoptedRule, NotInForce, RuleSet

__all__ = [
    "PARAMETERS",
    "WORKING_DAYS",
    "AdoptedRule",
    "Calendar",
    "NotInForce",
    "Parameter",
    "RuleSet",
    "Share",
    "UnknownRule",
    "Value",
    "YearNotInCalendar",
    "check_value",
    "parameter",
]
