"""The AsyncAPI documents are valid 3.0: what a tool needs is there, every reference leads somewhere, examples fit."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from faststream.redis.parser import BinaryMessageFormatV1
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from shared.eventlog import Command, Stored
from shared.eventlog.codec import metadata_text
from shared.events.asyncapi import describe, events_of
from shared.events.inspection import RemarkRecorded
from shared.settings import SERVICES
from shared.streams.frame import frame, stream_key

# asyncapi.com/docs/reference/specification/v3.0.0: the fields an object may have, and those it must (marked !)
OBJECTS: dict[str, set[str]] = {
    "root": {"asyncapi!", "id", "info!", "servers", "defaultContentType", "channels", "operations", "components"},
    "info": {"title!", "version!", "description", "termsOfService", "contact", "license", "tags", "externalDocs"},
    "channel": {"address", "messages", "title", "summary", "description", "servers", "parameters", "tags", "bindings"},
    "parameter": {"enum", "default", "description", "examples", "location"},
    "operation": {"action!", "channel!", "title", "summary", "description", "security", "tags", "bindings", "traits"}
    | {"messages", "reply"},
    "message": {"headers", "payload", "correlationId", "contentType", "name", "title", "summary", "description"}
    | {"tags", "externalDocs", "bindings", "examples", "traits"},
    "example": {"headers", "payload", "name", "summary"},
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def document(service: str) -> dict[str, Any]:
    return describe(service)


def is_a(kind: str, found: dict[str, Any]) -> None:
    """Has every field it must have and none the specification does not know, but for extensions (``x-``)."""
    known = {name.removesuffix("!") for name in OBJECTS[kind]}
    needed = {name.removesuffix("!") for name in OBJECTS[kind] if name.endswith("!")}
    assert needed <= found.keys(), f"{kind} lacks {needed - found.keys()}"
    strange = {name for name in found.keys() - known if not name.startswith("x-")}
    assert not strange, f"{kind} has {strange}"


def found_at(document: dict[str, Any], reference: str) -> Any:
    """Raises KeyError."""
    assert reference.startswith("#/")
    place: Any = document
    for part in reference.removeprefix("#/").split("/"):
        place = place[part.replace("~1", "/").replace("~0", "~")]
    return place


def references(place: Any) -> Iterator[str]:
    match place:
        case {"$ref": str(reference)}:
            yield reference
        case dict():
            for value in place.values():
                yield from references(value)
        case list():
            for value in place:
                yield from references(value)


def test_every_object_has_what_it_must_have_and_nothing_strange(document: dict[str, Any]) -> None:
    is_a("root", document)
    assert document["asyncapi"] == "3.0.0"
    is_a("info", document["info"])
    for channel in document["channels"].values():
        is_a("channel", channel)
        assert {f"{{{name}}}" for name in channel["parameters"]} == {"{partition}"}
        assert "{partition}" in channel["address"]
        for parameter in channel["parameters"].values():
            is_a("parameter", parameter)
    for operation in document["operations"].values():
        is_a("operation", operation)
        assert operation["action"] in ("send", "receive")
    for message in document["components"]["messages"].values():
        is_a("message", message)
        for example in message["examples"]:
            is_a("example", example)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        assert found_at(document, reference) is not None


def test_an_operation_sends_only_messages_of_its_own_channel(document: dict[str, Any]) -> None:
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"]
        for message in operation["messages"]:
            assert message["$ref"].startswith(f"{channel}/messages/")


def test_every_event_of_the_service_is_a_message(document: dict[str, Any], service: str) -> None:
    told = {message["name"] for message in document["components"]["messages"].values()}
    assert told == set(events_of(service))


def test_the_address_is_that_of_the_streams(document: dict[str, Any], service: str) -> None:
    channel = document["channels"]["events"]
    example = channel["parameters"]["partition"]["examples"][0]
    assert channel["address"].replace("{partition}", example) == stream_key(service, 7)


def fits(document: dict[str, Any], message: str, part: str) -> Draft202012Validator:
    registry = Registry().with_resource("urn:doc", Resource.from_contents(document, default_specification=DRAFT202012))
    return Draft202012Validator({"$ref": f"urn:doc#/components/messages/{message}/{part}"}, registry=registry)


def test_payloads_and_headers_are_json_schemas(document: dict[str, Any]) -> None:
    for message in document["components"]["messages"].values():
        Draft202012Validator.check_schema(message["headers"])
        Draft202012Validator.check_schema(found_at(document, message["payload"]["$ref"]))


def test_examples_fit(document: dict[str, Any]) -> None:
    for name, message in document["components"]["messages"].items():
        for example in message["examples"]:
            for part, value in example.items():
                fits(document, name, part).validate(value)


async def test_what_the_relay_writes_is_what_the_document_says() -> None:
    remark = RemarkRecorded(
        remark="r-1",
        cell="chi-bo",
        period="2026-11",
        text="Biên bản chưa đủ.",
        remarked_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    stored = Stored(
        service="inspection",
        partition=3,
        position=4711,
        stream="cell-remarks:chi-bộ",
        version=2,
        type=remark.TYPE,
        schema=remark.SCHEMA,
        data=remark.model_dump_json().encode(),
        metadata=metadata_text(Command(actor="thư ký", correlation="c"), "chi-bộ").encode(),
        recorded_at=datetime(2026, 11, 22, tzinfo=UTC),
        hash=bytes(32),
    )
    body, headers = BinaryMessageFormatV1.parse(await frame(stored))
    document = describe("inspection")
    fits(document, "RemarkRecorded", "headers").validate(headers)
    fits(document, "RemarkRecorded", "payload").validate(json.loads(body))
    assert not fits(document, "RemarkRecorded", "payload").is_valid({"remark": "r-1"})
    assert not fits(document, "RemarkRecorded", "headers").is_valid(headers | {"schema": "2"})
