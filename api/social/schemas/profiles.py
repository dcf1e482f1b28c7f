"""Profiles with what belongs to them: one's own, another user's, and one in a list."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from api.auth.schemas.wallets import WalletView
from api.schemas.envelope import View
from api.schemas.flows import Flow
from api.users.schemas.users import Profile
from domain.auth.wallets import Wallet
from domain.flows import FlowView
from domain.social.relationships import EdgeCounts, PersonSummary, ProfileRelations
from domain.users.users import Role, User


class WithWallets(View):
    """Newest first; at most one of them is primary."""

    wallets: list[WalletView]
    primary_wallet: WalletView | None


def _wallet_views(wallets: Sequence[Wallet]) -> dict[str, Any]:
    views = [WalletView.of(wallet) for wallet in wallets]
    return {"wallets": views, "primary_wallet": next((view for view in views if view.is_primary), None)}


class OwnProfile(Profile, WithWallets):
    """What only the person sees. The counts are null while the graph is away."""

    email: str
    following_number: int | None
    followers_number: int | None
    is_online: bool
    pending_flows: list[Flow]

    @classmethod
    def of_oneself(
        cls,
        user: User,
        wallets: Sequence[Wallet],
        counts: EdgeCounts | None,
        *,
        is_online: bool,
        pending_flows: Iterable[FlowView],
    ) -> "OwnProfile":
        return cls(
            **Profile.of(user).model_dump(by_alias=False),
            **_wallet_views(wallets),
            email=user.email_address,
            following_number=counts.following if counts else None,
            followers_number=counts.followers if counts else None,
            is_online=is_online,
            pending_flows=[Flow.of(view) for view in pending_flows],
        )


class FaceView(View):
    """A person in a list."""

    user_id: str
    username: str
    role: Role
    display_name: str
    avatar_ipfs_hash: str | None

    @classmethod
    def of(cls, face: PersonSummary) -> "FaceView":
        return cls.model_validate(face, from_attributes=True)


class OtherProfile(Profile, WithWallets):
    """A user as the caller sees them. What the graph tells is null while it is away."""

    following_number: int | None = None
    followers_number: int | None = None
    is_following: bool | None = None
    is_follower: bool | None = None
    is_blocked: bool | None = None
    mutual_followers_number: int | None = None
    mutual_followers_list: list[FaceView] | None = None
    is_online: bool

    @classmethod
    def of_other(
        cls, user: User, wallets: Sequence[Wallet], regard: ProfileRelations | None, *, is_online: bool
    ) -> "OtherProfile":
        known = asdict(regard.counts) if regard else {}
        faces = [FaceView.of(face) for face in regard.mutual_followers] if regard else None
        profile = Profile.of(user).model_dump(by_alias=False) | _wallet_views(wallets)
        return cls(**profile, **known, mutual_followers_list=faces, is_online=is_online)
