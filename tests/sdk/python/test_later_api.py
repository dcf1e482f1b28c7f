"""What a later API answers breaks no client of today."""

import pytest

from decode_client import DecodeClient, DecodeError
from tests.support.later_api import later_api

FLOW = {
    **{"flow_id": "z1", "kind": "time_travel", "state": "paused", "next": "iris_scan", "mood": "calm"},
    **{"expires_at": None, "attempts_left": None, "resend_available_at": None},
}
NOTIFICATION = {
    **{"_id": "0" * 24, "seq": 7, "user_id": "1" * 24, "type": "postcard", "title": "t", "message": "m", "data": {}},
    **{"delivered": False, "delivered_at": None, "read": False, "read_at": None, "colour": "blue"},
    "createdAt": "2026-11-29T00:00:00.000Z",
}


async def test_unknown_values_and_fields_are_read() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.succeed(FLOW)
        flow = await decode.flows.wait("z1")

    assert (flow.kind, flow.state, flow.next) == ("time_travel", "paused", "iris_scan")


async def test_unknown_name_of_an_error_is_handed_on() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.refuse(418, "TeapotOnly", x_request_id="request.1")
        with pytest.raises(DecodeError) as refused:
            await decode.flows.get("z1")

    assert (refused.value.error, refused.value.status, refused.value.request_id) == ("TeapotOnly", 418, "request.1")


async def test_page_of_a_proxy_is_an_error_by_its_status() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.answer(502, {}, content_type="text/html")
        with pytest.raises(DecodeError) as refused:
            await decode.flows.get("z1")

    assert (refused.value.error, refused.value.message) == ("Http502", "Bad Gateway")


async def test_unknown_frames_are_passed_over() -> None:
    async with later_api() as api, DecodeClient(api.url, access_token="any") as decode:
        api.frames = [
            {"event": "user_connected", "data": {}},
            {"event": "weather", "data": 3},
            {"event": "notification_received", "data": NOTIFICATION},
        ]
        notification = await anext(decode.notifications.follow())

    assert (notification.seq, notification.type) == (7, "postcard")
