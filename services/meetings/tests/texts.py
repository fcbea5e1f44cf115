"""The texts of the service's refusals, as its edge reads them."""

from pathlib import Path

import services.meetings
from shared.http.texts import RuleTexts

TEXTS = RuleTexts(Path(services.meetings.__file__).with_name("refusals.toml"))
