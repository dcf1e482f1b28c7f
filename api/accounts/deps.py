"""Dependencies of the accounts routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends

from adapters.area_resources import AccountResources
from api.deps import provide_resources

ResourcesDep = Annotated[AccountResources, Depends(provide_resources)]
