"""The envelope around every answer."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Data = TypeVar("Data")


class Body(BaseModel):
    """A request body: unknown fields are refused, and nothing is taken for something else."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class NoFields(Body):
    """The body of a request that needs none: `{}`, or nothing at all."""


class View(BaseModel):
    """Something that an answer shows."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)


class Answer(View, Generic[Data]):
    success: bool = True
    status_code: int = Field(serialization_alias="statusCode")
    message: str
    data: Data
    request_id: str = Field(serialization_alias="requestId")


class Problem(View):
    """`error` is the name of the refusal; `details` says more where there is more to say."""

    success: bool = False
    status_code: int = Field(serialization_alias="statusCode")
    message: str
    error: str
    details: object | None = None
    timestamp: str
    path: str
    request_id: str = Field(serialization_alias="requestId")
