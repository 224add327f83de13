"""The notation: what each form means, and that mistakes are refused."""

from typing import cast

import pytest

from tolmach_schemas.expressions import NotationError, Schema
from tolmach_schemas.notation import Rendering, Shapes
from tolmach_schemas.openapi import Api, expand, openapi

STRING: Schema = {"type": "string"}


def compiled(shape: object, **named: object) -> Schema:
    return Shapes({"Name": {"a": "str"}, **named}, Rendering.rest()).compile(shape, "here")


@pytest.mark.parametrize(
    ("expression", "schema"),
    [
        ("str", {"type": "string"}),
        ("str+", {"type": "string", "minLength": 1}),
        ("count", {"type": "integer", "minimum": 0}),
        ("str | null", {"type": ["string", "null"]}),
        ("'a' | 'b'", {"enum": ["a", "b"]}),
        ("'a' | null", {"enum": ["a", None]}),
        ("0 | 1", {"enum": [0, 1]}),
        ("'a'", {"const": "a"}),
        (True, {"const": True}),
        (7, {"const": 7}),
        ("str[]", {"type": "array", "items": STRING}),
        ("str[][]", {"type": "array", "items": {"type": "array", "items": STRING}}),
        ("(str | int)[]", {"type": "array", "items": {"anyOf": [STRING, {"type": "integer"}]}}),
        ("map str", {"type": "object", "additionalProperties": STRING}),
        (r"/^a\/(b|c)$/", {"type": "string", "pattern": "^a/(b|c)$"}),
        ("str<1..50>", {"type": "string", "minLength": 1, "maxLength": 50}),
        ("int<..3>", {"type": "integer", "maximum": 3}),
        ("int<1..>[]<..2>", {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 2}),
        ("str<..5> | null", {"type": ["string", "null"], "maxLength": 5}),
        ("bool = false", {"type": "boolean", "default": False}),
        ("int = 7", {"type": "integer", "default": 7}),
        ("Name = 'a'", {"$ref": "#/$defs/Name", "default": "a"}),
        ("Name", {"$ref": "#/$defs/Name"}),
        ("Name | null", {"anyOf": [{"$ref": "#/$defs/Name"}, {"type": "null"}]}),
    ],
)
def test_an_expression_means(expression: object, schema: Schema) -> None:
    assert compiled(expression) == schema


@pytest.mark.parametrize(
    "expression",
    [
        *("", "str |", "stringg", "str]", "(str", "'a", "Unknown", None, ["str"], "str str", "| str"),
        *("Name<..5>", "bool<..5>", "str<5>", "str =", "str = other", "str = 'a' 'b'"),
    ],
)
def test_a_mistake_in_an_expression_is_refused(expression: object) -> None:
    with pytest.raises(NotationError, match="here"):
        compiled(expression)


def test_an_object_is_closed_and_a_question_mark_makes_a_field_optional() -> None:
    assert compiled({"a": "str", "b?": "str"}) == {
        "type": "object",
        "properties": {"a": STRING, "b": STRING},
        "required": ["a"],
        "additionalProperties": False,
    }


def test_an_empty_object_is_closed_too() -> None:
    assert compiled({}) == {"type": "object", "properties": {}, "additionalProperties": False}


def test_an_open_object_says_why() -> None:
    assert compiled({"$open": "it grows", "a?": "str"}) == {
        "type": "object",
        "properties": {"a": STRING},
        "additionalProperties": True,
        "x-open": "it grows",
    }


def test_dates_follow_the_rendering() -> None:
    sources = {"Doc": {"at": "date", "always": "iso"}}
    rest = Shapes(sources, Rendering.rest()).named("Doc")["properties"]
    ejson = Shapes(sources, Rendering.ejson()).named("Doc")["properties"]
    assert isinstance(rest, dict)
    assert isinstance(ejson, dict)
    assert rest["at"] == rest["always"] == ejson["always"]
    assert rest["at"]["format"] == "date-time"
    assert ejson["at"]["required"] == ["$date"]


def test_fields_of_another_shape_are_taken_and_can_be_replaced() -> None:
    schema = compiled({"$like": "Name", "a?": "int", "b": "str"})
    assert schema["properties"] == {"a": {"type": "integer"}, "b": STRING}
    assert schema["required"] == ["b"]


def test_exactly_one_and_at_least_one_of_some_fields() -> None:
    one = compiled({"$one": "a b", "a?": "str", "b?": "str"})
    assert one["oneOf"] == [{"required": ["a"]}, {"required": ["b"]}]
    some = compiled({"$some": ["a", "b"], "a?": "str", "b?": "str"})
    assert some["anyOf"] == [{"required": ["a"]}, {"required": ["b"]}]


def test_a_list_by_position() -> None:
    schema = compiled({"$tuple": ["str", "int"], "$rest": ["bool"]})
    assert schema["prefixItems"] == [STRING, {"type": "integer"}, {"type": "boolean"}]
    assert (schema["minItems"], schema["maxItems"]) == (2, 3)
    assert compiled({"$tuple": []}) == {"type": "array", "minItems": 0, "maxItems": 0}


def test_a_case_restricts_one_field_by_another() -> None:
    schema = compiled({"k": "str", "v?": "str", "$cases": [{"when": {"k": "'x'"}, "then": {"v": "'y'"}}]})
    assert schema["allOf"] == [
        {
            "if": {"properties": {"k": {"const": "x"}}, "required": ["k"]},
            "then": {"properties": {"v": {"const": "y"}}, "required": ["v"]},
        }
    ]


def test_a_word_that_yaml_took_for_a_truth_value_is_refused() -> None:
    with pytest.raises(NotationError, match="quote the key True"):
        compiled({True: "str"})


def test_a_directive_that_does_not_exist_is_refused_and_a_dollar_field_has_two() -> None:
    with pytest.raises(NotationError, match=r"no directive \$date; a field is written \$\$date"):
        compiled({"$date": "int"})
    assert compiled({"$$date": "int"})["required"] == ["$date"]


def test_only_the_shapes_that_are_reached_are_written_out() -> None:
    shapes = Shapes({"A": "B[]", "B": {"c": "C"}, "C": "str", "D": "A"}, Rendering.rest())
    assert list(shapes.closure(shapes.named("A"))) == ["B", "C"]


def test_a_family_is_written_out_with_its_words() -> None:
    families = {"cats": {"one": "cat"}, "dogs": {"one": "dog"}}
    written = {"GET {cats,dogs}.info": {"answer": {"<one>": "Room"}}, "$shapes": {}}
    assert dict(expand(written, families)) == {
        "GET cats.info": {"answer": {"cat": "Room"}},
        "GET dogs.info": {"answer": {"dog": "Room"}},
    }


def test_an_operation_has_a_scope_a_status_and_pages_of_its_api() -> None:
    page = {
        "query": {"limit?": "int<1..50> = 50"},
        "answer": {"data": "<shape>[]", "meta": "Name"},
    }
    api = Api(
        title="t",
        version="1",
        about="a",
        prefix="",
        servers=[],
        schemes={},
        security=[{"token": []}],
        success={},
        errors={},
        optional={},
        parameters={"id": "int"},
        pages={"list": page},
        plain_literals=True,
    )
    written = {
        "GET /things/{id}": {"about": "List.", "scope": "things:read", "tag": "Things", "list": "Name"},
        "POST /things": {"about": "Make.", "as": "multipart", "body": {"k": "'x'"}, "empty": 201},
    }
    document = openapi(api, written, Shapes({"Name": {"a": "str"}}, Rendering.rest("#/components/schemas/")))
    paths = cast("dict[str, dict[str, Schema]]", document["paths"])
    listed = paths["/things/{id}"]["get"]
    assert (listed["security"], listed["tags"]) == ([{"token": ["things:read"]}], ["Things"])
    assert listed["parameters"] == [
        {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "schema": {"type": "integer", "minimum": 1, "maximum": 50, "default": 50},
        },
    ]
    made = paths["/things"]["post"]
    assert made["responses"] == {"201": {"description": "Done."}}
    assert made["requestBody"] == {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"k": {"type": "string", "enum": ["x"]}},
                    "required": ["k"],
                    "additionalProperties": False,
                }
            }
        },
    }
