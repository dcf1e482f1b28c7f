"""What people change of their own profiles."""

from api.schemas.envelope import Body
from api.schemas.fields import Bio, Cid, DisplayName


class DisplayNameRequest(Body):
    display_name: DisplayName


class BioRequest(Body):
    bio: Bio


class AvatarRequest(Body):
    avatar_ipfs_hash: Cid
