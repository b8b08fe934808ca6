"""Every way we know to write an address that is not public, and every range that is none."""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_network

BLOCKS = (
    # The special-purpose registries of IANA, and what is multicast or was site-local.
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32", "192.0.0.10/32", "192.0.0.170/31", "192.0.2.0/24"),
    *("192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32"),
    *("::/128", "::1/128", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64"),
    *("2001::/32", "2001:1::1/128", "2001:1::2/128", "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48"),
    *("2001:10::/28", "2001:20::/28", "2001:30::/28", "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48"),
    *("3fff::/20", "5f00::/16", "fc00::/7", "fd00::/8", "fe80::/10", "fec0::/10", "ff00::/8", "4000::/3", "200::/7"),
)

ENDS = tuple(
    dict.fromkeys(
        str(network[place]) for network in map(ip_network, BLOCKS) for place in (0, network.num_addresses // 2, -1)
    )
)
"""The first, the middle and the last address of each."""

VICTIMS = ("127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.100.100.200", "0.0.0.0")

FULL = str.maketrans("0123456789abcdefx", "０１２３４５６７８９ａｂｃｄｅｆｘ")
CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")


def hosts() -> Iterator[str]:
    """What may stand between `//` and the port; a name may lead anywhere, so it leads to loopback."""
    for victim in VICTIMS:
        yield from _of_four(IPv4Address(victim))
        yield from (f"[{address}]" for address in _of_six(IPv4Address(victim)))
    for address in ENDS:
        yield f"[{address}]" if ":" in address else address
    yield from (
        "[fe80::1%25lo]",
        "[fe80::1%lo]",
        "[::1%25lo]",
        "[::ffff:127.0.0.1%25lo]",
        "[::0001]",
        "[0:0:0:0:0:0:0:1]",
    )
    yield from (
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ｌｏｃａｌｈｏｓｔ",
        "a.localhost",
        "xn--n3h.example",
        "täst.example",
    )
    yield from ("public.example", "127.0.0.1.nip.example", "public.example.", "PUBLIC.example", "public。example")


def _of_four(address: IPv4Address) -> Iterator[str]:
    a, b, c, d = address.packed
    whole, low = int(address), (c << 8) + d
    yield from (
        str(address),
        f"{address}.",
        str(whole),
        hex(whole),
        hex(whole).upper(),
        f"0{whole:o}",
        f"0x{whole:020x}",
    )
    yield from (f"{a}.{(b << 16) + low}", f"{a}.{b}.{low}", f"{a}.0x{(b << 16) + low:x}", f"0x{a:x}.{b}.{low}")
    yield from (".".join(f"0x{part:x}" for part in address.packed), ".".join(f"0{part:o}" for part in address.packed))
    yield from (".".join(f"{part:03d}" for part in address.packed), f"{a}.{b}.0{c:o}.0x{d:x}", str(whole + 2**32))
    for dot in "。．｡":
        yield str(address).replace(".", dot)
    yield from (str(address).translate(FULL), str(address).translate(CIRCLED), str(whole).translate(FULL))
    yield hex(whole).translate(FULL)
    yield "".join(f"%{ord(letter):02x}" for letter in str(address))
    yield from (f"user@{address}", f"user:word@{address}", f"public.example@{address}", f"public.example:80@{address}")
    yield from (f"public.example%40{address}", f"public.example\\@{address}", f"{address}\\@public.example")
    yield from (f"public.example#@{address}", f"{address}#@public.example", f"public.example?@{address}")
    yield from (f"public.example @{address}", f"\u00ad{address}", f"{address}\u200b", f"{address}%00.public.example")


def _of_six(address: IPv4Address) -> Iterator[str]:
    whole = int(address)
    high, low = whole >> 16, whole & 0xFFFF
    yield from (f"::ffff:{address}", f"::ffff:{high:x}:{low:x}", f"0:0:0:0:0:ffff:{address}", f"::FFFF:{address}")
    yield from (
        f"::{address}",
        f"::{high:x}:{low:x}",
        f"::ffff:0:{address}",
        f"64:ff9b::{address}",
        f"64:ff9b:1::{address}",
    )
    yield from (f"2002:{high:x}:{low:x}::1", f"2001:0:{high:x}:{low:x}::1", f"fe80::5efe:{address}", f"fc00::{address}")
    # Teredo has the address of the client inverted at its end (RFC 4380 4).
    yield str(IPv6Address((0x20010000 << 96) + (whole ^ 0xFFFFFFFF)))
