"""Workflows and activities of auth, and what flows of all areas share: the check of codes, the record of an end."""

from collections.abc import Mapping, Sequence

from activities.auth.key_upkeep import KeyUpkeepActivities
from activities.auth.password_reset import PasswordResetActivities
from activities.auth.sign_in import SignInActivities
from activities.auth.two_factor import TwoFactorActivities
from activities.codes import CodeActivities
from activities.flow_ends import FlowEndActivities
from adapters.resources import Resources
from workers.hosted import Hosted
from workflows.auth.key_upkeep import KeyUpkeep
from workflows.auth.password_reset import PasswordReset
from workflows.auth.sign_in import SignIn
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.IDENTITY: [SignIn, PasswordReset],
    Queue.BULK: [KeyUpkeep],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of auth with their queues."""
    stores, hashes = resources.auth, resources.hashes
    users, events = resources.users.users, resources.users.security_events
    codes = CodeActivities(resources.codes, users, events, hashes)
    two_factor = TwoFactorActivities(stores.two_factors, hashes)
    sign_in = SignInActivities(
        stores.sign_ins,
        users,
        events,
        stores.session_invalidations,
        hashes,
        resources.codes,
        stores.two_factors,
    )
    password_reset = PasswordResetActivities(
        stores.password_hashes, events, stores.session_invalidations, hashes, codes, two_factor
    )
    upkeep = KeyUpkeepActivities(stores.key_reminders, stores.api_key_uses, hashes)
    ends = FlowEndActivities(resources.journal.occurrences)
    return [
        Hosted(Queue.BULK, [ends.record, upkeep.write_reminders, upkeep.close_reminders, upkeep.drop_uses]),
        Hosted(
            Queue.IDENTITY,
            [
                ends.record,
                codes.check,
                two_factor.judge,
                two_factor.use,
                sign_in.prove_device,
                sign_in.prove_second_factor,
                sign_in.open,
                sign_in.open_session,
                sign_in.record_abandoned,
                password_reset.prove_and_change,
                password_reset.change,
            ],
        ),
    ]
