"""Who acts: an account with the offices it holds now."""

from dataclasses import dataclass

from shared.events.members import Office


@dataclass(frozen=True, slots=True)
class HeldOffice:
    office: Office
    organisation: str  # the office counts in this organisation's subtree


@dataclass(frozen=True, slots=True)
class Actor:
    account: str
    member: str | None
    offices: tuple[HeldOffice, ...]

    def holds(self, *offices: Office) -> bool:
        return any(held.office in offices for held in self.offices)

    def organisations(self, *offices: Office) -> list[str]:
        """Roots of the subtrees in which the actor holds one of ``offices``."""
        return [held.organisation for held in self.offices if held.office in offices]


class Forbidden(Exception):
    """The actor may not do this here. Names the action, so that the answer can say who can give the permission."""

    def __init__(self, action: str, organisation: str | None = None) -> None:
        super().__init__(action)
        self.action, self.organisation = action, organisation


class Unauthenticated(Exception):
    """Nobody is logged in, or the login has run out."""
