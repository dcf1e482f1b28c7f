"""Client addresses: never kept whole, only as the prefix that a household or a company shares."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

PREFIX_V4 = 24
PREFIX_V6 = 64


@lru_cache(maxsize=4096)
def address_prefix(address: str) -> str:
    """`203.0.113.0/24` or `2001:db8::/64`; `unknown` for what is no address.

    An IPv4 address in IPv6 clothes is the IPv4 address: else the whole of IPv4 would be one network.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, PREFIX_V4 if parsed.version == 4 else PREFIX_V6), strict=False))
