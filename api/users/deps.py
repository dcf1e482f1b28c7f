"""Dependencies of the users routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends

from adapters.area_resources import UserResources
from api.deps import provide_resources

ResourcesDep = Annotated[UserResources, Depends(provide_resources)]
