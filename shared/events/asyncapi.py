"""The published language described for others' tools: AsyncAPI 3.0, one document per service."""

from typing import Any

from shared.events.base import REGISTRY, Event


def events_of(service: str) -> dict[str, type[Event]]:
    """The events a service owns, by type name, in alphabetical order."""
    return {name: event for name, event in sorted(REGISTRY.items()) if name.startswith(f"{service}.")}


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
            "headers": {
                "type": "object",
                "properties": {"schema": {"type": "integer", "const": event.SCHEMA}},
            },
            "payload": {"$ref": f"#/components/schemas/{key}"},
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
                "parameters": {"partition": {"description": "Two digits in braces: the hash tag, e.g. {07}"}},
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
