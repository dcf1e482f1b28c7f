"""Dependencies of the users routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends

from adapters.area_resources import UserResources
from api.deps import all_resources

Resources = Annotated[UserResources, Depends(all_resources)]
