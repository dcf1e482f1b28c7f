"""How a device is called in mails and lists."""

from domain.auth.devices import DeviceInfo, device_label


def test_device_is_called_by_browser_and_kind() -> None:
    assert device_label("Firefox 145", "Linux") == "Firefox 145, Linux"
    assert DeviceInfo("f", "Firefox 145", "Linux").label == "Firefox 145, Linux"
