"""Dependencies of the accounts routes, besides those of api/deps.py."""

from typing import Annotated

from fastapi import Depends

from adapters.area_resources import AccountResources
from api.deps import all_resources

Resources = Annotated[AccountResources, Depends(all_resources)]
