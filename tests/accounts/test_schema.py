"""What every call of the OpenAPI document has in common."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.mark.filterwarnings("ignore")
def test_refusals_and_the_key_are_described() -> None:
    schema = SchemaGenerator(urlconf="tests.accounts.api_urls").get_schema(public=True)

    validate_schema(schema)
    create = schema["paths"]["/api/v1/create/"]["post"]
    assert "application/problem+json" in create["responses"]["4XX"]["content"]
    assert [one["name"] for one in create["parameters"]] == ["Idempotency-Key"]
    assert "4XX" in schema["paths"]["/api/v1/whoami/"]["get"]["responses"]
    assert schema["components"]["securitySchemes"]["token"]["name"] == "Authorization"
