"""Write the JSON Schema of scenario files out of the table that reads them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from zoning.scenarios.fields import FIELDS, HEADER, LONGEST_TEXT, MOST_POINTS
from zoning.scenarios.model import FORMAT, KINDS, VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zoning.scenarios.fields import Field

_POINT = {"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}], "minItems": 2, "maxItems": 2}


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every scenario file keeps."""
    kinds = [_object({"kind": {"const": kind}}, FIELDS[kind], KINDS[kind].__doc__ or "") for kind in KINDS]
    fixed = {
        "format": {"const": FORMAT},
        "version": {"const": VERSION},
        "modifications": {"type": "array", "items": {"oneOf": kinds}},
    }
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scenario of the Binh Duong Innovation Region; positions are [longitude, latitude] in degrees, WGS 84",
    }
    return head | _object(fixed, HEADER, "")


def _object(fixed: Mapping[str, Any], fields: Mapping[str, Field], about: str) -> dict[str, Any]:
    required = [name for name in fixed if name != "modifications"]
    required += [name for name, field in fields.items() if field.required]
    described = {"description": " ".join(about.split())} if about else {}
    return described | {
        "type": "object",
        "properties": dict(fixed) | {name: _value(field) for name, field in fields.items()},
        "required": required,
        "additionalProperties": False,
    }


def _value(field: Field) -> dict[str, Any]:
    made: dict[str, Any]
    if field.kind == "text":
        made = {"type": "string", "maxLength": LONGEST_TEXT} | ({"minLength": 1} if field.required else {})
    elif field.kind == "truth":
        made = {"type": "boolean"}
    elif field.kind in ("number", "whole"):
        made = {"type": "integer" if field.kind == "whole" else "number"}
        if math.isfinite(field.low):
            made["exclusiveMinimum" if field.above_low else "minimum"] = field.low
        if math.isfinite(field.high):
            made["maximum"] = field.high
    elif field.kind == "choice":
        made = {"enum": list(field.choices)}
    elif field.kind == "choices":
        made = {"type": "array", "items": {"enum": list(field.choices)}}
    elif field.kind == "point":
        made = dict(_POINT)
    else:
        made = {"type": "array", "items": dict(_POINT), "maxItems": MOST_POINTS}
        made |= {"minItems": field.least} if field.required else {}
    return {"anyOf": [made, {"type": "null"}]} if field.null else made
