from domain.assistant.tools.definitions.schemas import arguments_schema, quoted


def test_schema_without_properties_takes_nothing() -> None:
    assert arguments_schema() == {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def test_no_text_ends_its_quotation_or_turns_what_follows_round() -> None:
    assert quoted({"bio": 'a" and\u202e more'}, "bio") == '"a\' and more"'
