"""Options several commands share."""

from pathlib import Path
from typing import Annotated

import typer

DataDir = Annotated[
    Path, typer.Option("--data", envvar="CHIBO_DATA", help="Folder of the embedded deployment's data and secrets.")
]
DATA = Path(".chibo")
