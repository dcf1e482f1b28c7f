"""What all answers are."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """An answer. Fields that a later API has added are ignored. Built when it is first read: most apps need few."""

    model_config = ConfigDict(extra="ignore", defer_build=True)
