"""A published type may only grow: old data reach new readers, new data reach old readers."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from relais_cli.language import GENERATED, stale
from relais_cli.language.json_schemas import breaks, broken_promises, schema_of
from relais_contracts.catalogue import MODELS
from relais_contracts.handoffs import ChainDone

SCHEMA = schema_of(ChainDone)


def changed(**fields: Any) -> dict[str, Any]:
    schema = copy.deepcopy(SCHEMA)
    schema["properties"] |= fields
    return schema


def test_nothing_generated_is_stale() -> None:
    assert stale() == []


def test_todays_models_keep_every_published_promise() -> None:
    assert len(list((GENERATED / "jsonschema").glob("*.json"))) == len(MODELS)
    assert broken_promises(GENERATED / "jsonschema") == []


@pytest.mark.parametrize("name", MODELS)
def test_every_type_is_compatible_with_itself(name: str) -> None:
    assert breaks(schema_of(MODELS[name]), schema_of(MODELS[name])) == []


def test_an_optional_field_may_be_added() -> None:
    assert breaks(SCHEMA, changed(closed_by={"type": "string"})) == []


def test_a_new_required_field_breaks_readers_of_old_data() -> None:
    schema = changed(closed_by={"type": "string"})
    schema["required"] = [*schema["required"], "closed_by"]
    assert breaks(SCHEMA, schema) == ["today's readers do not take what was published"]


def test_a_required_field_that_goes_breaks_old_readers() -> None:
    schema = copy.deepcopy(SCHEMA)
    del schema["properties"]["steps"]
    schema["required"].remove("steps")
    assert breaks(SCHEMA, schema) == ["readers of the published version do not take what is written today"]


def test_another_type_breaks_both() -> None:
    assert len(breaks(SCHEMA, changed(steps={"type": "string"}))) == 2


def test_a_type_that_is_gone_breaks_its_promise(tmp_path: Path) -> None:
    (tmp_path / "case.dreamt.v1.json").write_text(json.dumps(SCHEMA))
    assert broken_promises(tmp_path) == ["case.dreamt.v1: a published type is gone"]


def test_a_broken_promise_is_named(tmp_path: Path) -> None:
    schema = copy.deepcopy(SCHEMA)
    schema["properties"]["steps"] = {"type": "string"}
    (tmp_path / "chain.done.v1.json").write_text(json.dumps(schema))
    assert all(line.startswith("chain.done.v1: ") for line in broken_promises(tmp_path))
    assert len(broken_promises(tmp_path)) == 2
