"""The published language, committed: one JSON Schema file per service, every schema number ever published.

``python -m shared.events.schemas`` writes what was added and refuses what would break a reader of stored events.
"""

import json
import sys
from pathlib import Path
from typing import Any

from shared.events import REGISTRY
from shared.settings import SERVICES

FOLDER = Path(__file__).with_name("schemas")

Schema = dict[str, Any]
Published = dict[str, dict[str, Schema]]  # event name -> schema number -> JSON Schema


def present(service: str) -> Published:
    """The schemas of a service's events as the code has them now."""
    return {
        event.__name__: {str(event.SCHEMA): event.model_json_schema()}
        for name, event in sorted(REGISTRY.items())
        if name.startswith(f"{service}.")
    }


def committed(service: str, folder: Path = FOLDER) -> Published:
    file = folder / f"{service}.json"
    found: Published = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def breaks(old: Schema, new: Schema, where: str = "") -> list[str]:
    """How ``new`` would fail to read data written under ``old``; empty when it reads all of it."""
    found: list[str] = []
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    found += [f"{where}{name}: removed" for name in old_fields.keys() - new_fields.keys()]
    found += [f"{where}{name}: now required" for name in set(new.get("required", [])) - set(old.get("required", []))]
    for name in old_fields.keys() & new_fields.keys():
        found += _field_breaks(old_fields[name], new_fields[name], f"{where}{name}")
    old_defs, new_defs = old.get("$defs", {}), new.get("$defs", {})
    for name in old_defs.keys() & new_defs.keys():
        if "enum" in old_defs[name]:
            gone = set(old_defs[name]["enum"]) - set(new_defs[name].get("enum", []))
            found += [f"{where}{name}: value {value!r} removed" for value in sorted(gone)]
        else:
            found += breaks(old_defs[name], new_defs[name], f"{where}{name}.")
    return sorted(found)


_NOTES = ("title", "description", "default", "examples")


def _field_breaks(old: Schema, new: Schema, where: str) -> list[str]:
    """A field may gain alternatives; whatever it took before it must still take."""

    def alternatives(field: Schema) -> list[str]:
        bare = {key: value for key, value in field.items() if key not in _NOTES}
        options = bare.get("anyOf", [bare])
        return [json.dumps({k: v for k, v in o.items() if k not in _NOTES}, sort_keys=True) for o in options]

    gone = set(alternatives(old)) - set(alternatives(new))
    return [f"{where}: no longer takes {option}" for option in sorted(gone)]


def merge(service: str, old: Published) -> tuple[Published, list[str]]:
    """What to commit now, and what is refused: a change of a published number that breaks, an event that is gone."""
    merged: Published = {name: dict(numbers) for name, numbers in old.items()}
    refused: list[str] = []
    now = present(service)
    refused += [f"{service}.{name}: an event once published is never removed" for name in old.keys() - now.keys()]
    for name, numbers in now.items():
        for number, schema in numbers.items():
            before = old.get(name, {}).get(number)
            faults = breaks(before, schema) if before is not None else []
            refused += [f"{service}.{name} schema {number}: {fault} (raise SCHEMA and upcast)" for fault in faults]
            merged.setdefault(name, {})[number] = schema
    return dict(sorted(merged.items())), refused


def text_of(published: Published) -> str:
    return json.dumps(published, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    failed = False
    for service in SERVICES:
        merged, refused = merge(service, committed(service))
        for line in refused:
            print(line, file=sys.stderr)
        failed = failed or bool(refused)
        if not refused:
            (FOLDER / f"{service}.json").write_text(text_of(merged), "utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
