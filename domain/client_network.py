"""Client networks: IP addresses are never stored whole, only as the prefix that a household or a company shares."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

IPV4_PREFIX_BITS = 24
IPV6_PREFIX_BITS = 64


@lru_cache(maxsize=4096)
def client_network(client_ip: str) -> str:
    """Return the network of an IP address, as `203.0.113.0/24` or `2001:db8::/64`; `unknown` for any other text.

    An IPv4-mapped IPv6 address counts as its IPv4 address: otherwise all of IPv4 would be one network.
    """
    try:
        parsed = ip_address(client_ip)
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return str(ip_network((parsed, IPV4_PREFIX_BITS if parsed.version == 4 else IPV6_PREFIX_BITS), strict=False))
