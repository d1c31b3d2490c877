"""What every call of the OpenAPI document has in common: refusals, and the key that makes a POST repeatable."""

from __future__ import annotations

from typing import Any, Final

_JSON: Final = "application/json"
_PROBLEM_JSON: Final = "application/problem+json"
_METHODS: Final = ("get", "put", "post", "patch", "delete")

PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. `code` never changes; sentences may.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "message")},
            },
        },
    },
    "additionalProperties": True,
}
_REFUSAL: Final[dict[str, Any]] = {
    "description": "Refused",
    "content": {_PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the call repeatable for 24 hours: the same key and body give the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def describe_common(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Add refusals to every operation and the key to every POST (SPECTACULAR_SETTINGS["POSTPROCESSING_HOOKS"])."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    for path in result.get("paths", {}).values():
        for method in _METHODS:
            if method in path:
                _describe_refusals(path[method].setdefault("responses", {}))
        if "post" in path:
            _describe_key(path["post"].setdefault("parameters", []))
    return result


def _describe_refusals(responses: dict[str, Any]) -> None:
    """Give every refusal that a view describes the kind of content that it has; add the others."""
    for status, response in responses.items():
        content = response.get("content") or dict(_REFUSAL["content"])
        if status.startswith("4"):
            response["content"] = {_PROBLEM_JSON: content.pop(_JSON), **content} if _JSON in content else content
    responses.setdefault("4XX", _REFUSAL)


def _describe_key(parameters: list[dict[str, Any]]) -> None:
    """Add the key, once: some views describe it themselves."""
    parameters[:] = [one for one in parameters if one.get("name") != _KEY["name"]] + [_KEY]
