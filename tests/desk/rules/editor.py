"""A small editor: YAML 1.2 as editors read it, and the part of JSON Schema that our schema uses."""

from __future__ import annotations

from typing import Any

import yaml

from helpdesk.desk.rules.schema import rules_schema


class Core(yaml.SafeLoader):
    """YAML as editors read it: no dates."""


Core.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
}


def complaints(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Return what an editor would underline."""
    if "$ref" in schema:
        schema = rules_schema()["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    found = []
    if "anyOf" in schema and all(complaints(value, one, path) for one in schema["anyOf"]):
        found.append(f"{path}: none of the alternatives")
    if "const" in schema and value != schema["const"]:
        found.append(f"{path}: not {schema['const']}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: {value!r} not in {schema['enum']}")
    types = schema.get("type", [])
    allowed = [kind for name in ([types] if isinstance(types, str) else types) for kind in TYPES[name]]
    if allowed and not isinstance(value, tuple(allowed)):
        return [*found, f"{path}: {value!r} is no {types}"]
    if isinstance(value, dict):
        found += [f"{path}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        found += [one for name, inner in value.items() for one in _of_key(name, inner, schema, f"{path}.{name}")]
    if isinstance(value, list) and "items" in schema:
        found += [one for item in value for one in complaints(item, schema["items"], f"{path}[]")]
    return found


def _of_key(name: str, value: Any, schema: dict[str, Any], path: str) -> list[str]:
    allowed = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
    return [f"{path}: unknown"] if allowed is False else complaints(value, allowed, path)
