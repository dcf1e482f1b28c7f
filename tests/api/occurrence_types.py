"""What each operation of the contract that is no GET writes to the journal; or why it writes nothing."""

from collections.abc import Mapping

from domain.journal.occurrences import OccurrenceType as T

WRITES: Mapping[str, tuple[T, ...]] = {
    "account.beginExport": (T.USER_EXPORTED, T.FLOW_ENDED),
    "account.deactivate": (T.USER_DEACTIVATED, T.MAIL_SENT, T.USER_DELETED, T.FLOW_ENDED),
    "account.reactivate": (T.USER_REACTIVATED, T.FLOW_ENDED),
    "apiKeys.change": (T.API_KEY_UPDATED,),
    "apiKeys.create": (T.API_KEY_CREATED, T.MAIL_SENT),
    "apiKeys.revoke": (T.API_KEY_REVOKED, T.MAIL_SENT),
    "apiKeys.revokeOfUser": (T.API_KEY_REVOKED, T.MAIL_SENT),
    "apiKeys.rotate": (T.API_KEY_ROTATED, T.MAIL_SENT),
    "audit.beginExport": (T.AUDIT_EXPORTED, T.FLOW_ENDED),
    "audit.verify": (T.AUDIT_VERIFIED, T.FLOW_ENDED),
    "auth.login": (T.USER_LOGIN, T.MAIL_SENT, T.USER_LOGIN_ABANDONED),
    "auth.proveDevice": (T.USER_LOGIN, T.FLOW_ENDED),
    "auth.proveSecondFactor": (T.USER_LOGIN, T.FLOW_ENDED, T.RECOVERY_CODE_USED),
    "auth.resendDeviceCode": (T.MAIL_SENT,),
    "auth.stepUp": (T.RECOVERY_CODE_USED,),
    "devices.revoke": (T.DEVICE_REVOKED, T.MAIL_SENT),
    "emailChanges.begin": (T.MAIL_SENT, T.FLOW_ENDED),
    "emailChanges.enterNewAddress": (T.MAIL_SENT,),
    "emailChanges.revert": (T.USER_EMAIL_REVERTED, T.FLOW_ENDED, T.MAIL_SENT),
    "emailChanges.verifyNewAddress": (T.USER_EMAIL_CHANGED, T.FLOW_ENDED, T.MAIL_SENT),
    "flows.cancel": (T.FLOW_ENDED,),
    "grants.give": (T.GRANT_CREATED,),
    "grants.take": (T.GRANT_DELETED,),
    "passwords.beginReset": (T.MAIL_SENT, T.FLOW_ENDED),
    "passwords.change": (T.USER_PASSWORD_CHANGED, T.MAIL_SENT),
    "passwords.reset": (T.USER_PASSWORD_RESET, T.FLOW_ENDED, T.MAIL_SENT),
    "permissions.create": (T.PERMISSION_CREATED,),
    "permissions.delete": (T.PERMISSION_DELETED,),
    "profiles.setAvatar": (T.USER_UPDATED,),
    "profiles.setBio": (T.USER_UPDATED,),
    "profiles.setDisplayName": (T.USER_UPDATED,),
    "profiles.setRole": (T.ROLE_ASSIGNED,),
    "registration.begin": (T.MAIL_SENT, T.FLOW_ENDED),
    "registration.resendCode": (T.MAIL_SENT,),
    "registration.verifyEmail": (T.USER_CREATED, T.FLOW_ENDED),
    "relationships.follow": (T.FOLLOW_CREATED,),
    "roles.addPermissions": (T.ROLE_UPDATED,),
    "roles.create": (T.ROLE_CREATED,),
    "roles.delete": (T.ROLE_DELETED,),
    "roles.removePermission": (T.ROLE_UPDATED,),
    "roles.replace": (T.ROLE_UPDATED,),
    "sessions.logout": (T.USER_LOGOUT,),
    "sessions.refresh": (T.SECURITY_SUSPICIOUS_ACTIVITY, T.MAIL_SENT),
    "sessions.revoke": (T.SESSION_REVOKED,),
    "sessions.revokeAll": (T.SESSIONS_REVOKED,),
    "snapshots.trigger": (T.FLOW_ENDED,),
    "sso.validateToken": (T.USER_LOGIN,),
    "twoFactor.disable": (T.TWO_FACTOR_DISABLED, T.MAIL_SENT),
    "twoFactor.enable": (T.TWO_FACTOR_ENABLED, T.MAIL_SENT),
    "twoFactor.renewRecoveryCodes": (T.RECOVERY_CODES_REPLACED, T.MAIL_SENT),
    "usernameChanges.begin": (T.MAIL_SENT, T.FLOW_ENDED),
    "usernameChanges.verify": (T.USER_USERNAME_CHANGED, T.FLOW_ENDED),
    "wallets.link": (T.WALLET_LINKED, T.MAIL_SENT),
    "wallets.setPrimary": (T.PRIMARY_WALLET_SET,),
    "wallets.signIn": (T.USER_LOGIN,),
    "wallets.unlink": (T.WALLET_UNLINKED, T.MAIL_SENT),
    "wallets.unsetPrimary": (T.PRIMARY_WALLET_UNSET,),
}
"""By the request itself, or by what it starts or leads to."""

READS = "it changes nothing"
IN_THE_GRAPH = "it is written in Neo4j alone, which shares no transaction with the journal"
SHORT_LIVED = "what it makes is used once, within minutes"
ONE_OF_SEVERAL = "a step of a flow, which tells of its end"
OWN_VIEW = "what the user has read concerns the user alone"

WRITES_NONE: Mapping[str, str] = {
    "access.decide": READS,
    "auth.userExists": READS,
    "emailChanges.verifyOldAddress": ONE_OF_SEVERAL,
    "interests.add": IN_THE_GRAPH,
    "interests.replace": IN_THE_GRAPH,
    "notifications.createTicket": SHORT_LIVED,
    "notifications.markAllRead": OWN_VIEW,
    "notifications.markRead": OWN_VIEW,
    "notifications.markReadByPost": OWN_VIEW,
    "passwords.verifyResetCode": ONE_OF_SEVERAL,
    "relationships.block": IN_THE_GRAPH,
    "relationships.getStatus": READS,
    "relationships.removeFollower": IN_THE_GRAPH,
    "relationships.unblock": IN_THE_GRAPH,
    "relationships.unfollow": IN_THE_GRAPH,
    "sessions.validateAccessToken": READS,
    "sso.createToken": SHORT_LIVED,
    "suggestions.dismiss": IN_THE_GRAPH,
    "system.decodePayloads": READS,
    "twoFactor.setUp": "the secret protects nothing before twoFactor.enable",
    "wallets.challengeLink": SHORT_LIVED,
    "wallets.challengePrimary": SHORT_LIVED,
    "wallets.challengeSignIn": SHORT_LIVED,
}
"""A new operation is in one of both tables: a change that others may want to know of writes an occurrence."""
