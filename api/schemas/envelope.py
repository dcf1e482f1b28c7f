"""The envelope around every answer."""

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Data = TypeVar("Data")


class Body(BaseModel):
    """A request body: unknown fields are refused, and nothing is taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class NoFields(Body):
    """The body of a request that needs none: `{}`, or nothing at all."""


class View(BaseModel):
    """Something that an answer shows."""

    model_config = ConfigDict(
        serialize_by_alias=True, validate_by_name=True, json_schema_serialization_defaults_required=True
    )


class Answer(View, Generic[Data]):
    """The envelope of a success: what was asked for is in `data`."""

    success: bool = True
    status_code: int = Field(serialization_alias="statusCode")
    message: str
    data: Data
    request_id: str = Field(serialization_alias="requestId")

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """Return the name of the schema for its data: `ProfileAnswer`, or `EmptyAnswer` where there is none."""
        (data,) = params
        return f"{data.__name__}Answer" if data else "EmptyAnswer"


class Problem(View):
    """`error` is the name of the refusal; `details` says more where there is more to say."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    success: bool = False
    status_code: int = Field(serialization_alias="statusCode")
    message: str
    error: str
    details: object | None = None
    timestamp: str
    path: str
    request_id: str = Field(serialization_alias="requestId")
