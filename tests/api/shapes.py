"""The fields of what the contract names U and S, exactly."""

PROFILE = {
    "_id",
    "username",
    "display_name",
    "bio",
    "avatar_ipfs_hash",
    "role",
    "is_active",
    "last_login",
    "createdAt",
    "updatedAt",
}
SESSION = {
    "_id",
    "user_id",
    "device_fingerprint_id",
    "app",
    "is_active",
    "expires_at",
    "last_used_at",
    "createdAt",
    "updatedAt",
    "session_token",
    "access_token",
    "expires_in",
}
