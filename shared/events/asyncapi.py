"""The published language described for others' tools: AsyncAPI 3.0, one document per service."""

from typing import Any

from shared.events.base import REGISTRY, Event


def events_of(service: str) -> dict[str, type[Event]]:
    """The events a service owns, by type name, in alphabetical order."""
    return {name: event for name, event in sorted(REGISTRY.items()) if name.startswith(f"{service}.")}


def _headers(event: type[Event]) -> dict[str, Any]:
    """The headers of a frame: texts all of them, percent-encoded where they are not ASCII."""
    text = {"type": "string"}
    properties: dict[str, Any] = dict.fromkeys(_example(event), text)
    properties |= {
        "type": text | {"const": event.TYPE},
        "schema": text | {"const": str(event.SCHEMA)},
        "version": text | {"pattern": "^[0-9]+$", "description": "Of the stream."},
        "correlation_id": text | {"description": "The position: `<service>.<partition>.<position>`."},
        "metadata": text | {"description": "JSON: actor, correlation, key, causation, entry, on_behalf_of."},
        "recorded-at": text | {"format": "date-time"},
        "hash": text | {"pattern": "^[0-9a-f]{64}$", "description": "Of the chain of the partition."},
        "digest": text
        | {"pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of the hash and the event as it is hashed."},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _example(event: type[Event]) -> dict[str, str]:
    service, _, name = event.TYPE.partition(".")
    return {
        "content-type": "application/json",
        "correlation_id": f"{service}.7.4711",
        "stream": f"{name.lower()}:0b8f0c9e-3f1c-5c55-8f6d-1d2f3a4b5c6d",
        "version": "3",
        "type": event.TYPE,
        "schema": str(event.SCHEMA),
        "metadata": '{"actor":"a-thu-ky","correlation":"0f6e2b6c5d2e4a0f","key":"chi-bo","entry":"live"}',
        "recorded-at": "2026-11-22T07:00:00.123456+00:00",
        "hash": "ab" * 32,
        "digest": "cd" * 32,
    }


def describe(service: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of the streams a service writes."""
    messages, schemas = {}, {}
    for name, event in events_of(service).items():
        key = event.__name__
        schema = event.model_json_schema(ref_template=f"#/components/schemas/{key}/$defs/{{model}}")
        schemas[key] = schema
        messages[key] = {
            "name": name,
            "title": key,
            "summary": (event.__doc__ or key).strip().splitlines()[0],
            "contentType": "application/json",
            "headers": _headers(event),
            "payload": {"$ref": f"#/components/schemas/{key}"},
            "examples": [{"headers": _example(event)}],
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"chibo · {service}",
            "version": "0.1.0",
            "description": "Redis Streams, one per partition; the entry id is `<position>-0`.",
        },
        "channels": {
            "events": {
                "address": f"{service}.events.{{partition}}",
                "parameters": {
                    "partition": {"description": "Two digits in braces: the hash tag.", "examples": ["{07}"]}
                },
                "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in messages},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/events"},
                "messages": [{"$ref": f"#/channels/events/messages/{key}"} for key in messages],
            }
        },
        "components": {"messages": messages, "schemas": schemas},
    }
