"""However an address is written, led to or resolved, what is not public is never connected to."""

import ast
import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

import monitor
from monitor.assembly import trust
from monitor.channels.base import Secret
from monitor.channels.post import post
from monitor.fetch import REDIRECTS, Fetched, Fetcher, FetchFailed
from monitor.fetch import Outcome as Answered
from monitor.network import AddressPolicy, client
from rules.records import Attempt, Cursor, Outcome
from tests.addresses import BLOCKS, ENDS, hosts
from tests.builders import NOON
from tests.servers import FeedServer, Response

pytestmark = pytest.mark.anyio

HOSTS = tuple(dict.fromkeys(hosts()))
HOME = "127.0.0.2"
"""Where the publisher is; it alone is allowed."""

ALLOWED = AddressPolicy((ip_network(HOME),))


class Treacherous(AbstractResolver):
    """Reads numbers as the system does; a name has these addresses, one list after the other, at last loopback."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = [*answers, ["127.0.0.1", "::1"]]

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in self._addresses(host)
        ]  # fmt: skip

    def _addresses(self, host: str) -> Sequence[str]:
        try:
            found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError):
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [str(entry[4][0]) for entry in found]

    async def close(self) -> None:
        pass


@dataclass
class Victim:
    """Listens on every address of this machine, and counts who comes; a port of its own."""

    port: int = 0
    connections: list[str] = field(default_factory=list)


@asynccontextmanager
async def a_victim() -> AsyncIterator[Victim]:
    victim = Victim()

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = ip_address(writer.get_extra_info("sockname")[0].partition("%")[0])
        victim.connections.append(str(getattr(address, "ipv4_mapped", None) or address))
        writer.close()

    async with AsyncExitStack() as closing:
        for family, every in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            try:
                server = await asyncio.start_server(connected, every, victim.port, family=family)
            except OSError:
                continue  # a machine without IPv6
            victim.port = server.sockets[0].getsockname()[1]
            await closing.enter_async_context(server)
        yield victim


@asynccontextmanager
async def a_fetcher(policy: AddressPolicy, *answers: Sequence[str]) -> AsyncIterator[Fetcher]:
    async with client(policy, resolver=Treacherous(*answers), tls=trust()) as http:
        yield Fetcher(http, "Wirebell/1", deadline=5.0)


async def asked(fetcher: Fetcher, url: str) -> Answered:
    return await fetcher.fetch(url, Cursor(feed_id="f", url=url))


def test_there_are_enough_of_them() -> None:
    assert len(HOSTS) > 300
    assert len(ENDS) > 90


async def test_no_form_of_an_address_is_connected_to() -> None:
    async with a_victim() as victim, a_fetcher(AddressPolicy()) as fetcher:
        for host in HOSTS:
            outcome = await asked(fetcher, f"http://{host}:{victim.port}/feed")
            assert isinstance(outcome, FetchFailed), host
            assert outcome.reason, host

        assert victim.connections == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_leads_to_one(status: int) -> None:
    async with a_victim() as victim, FeedServer(HOME) as publisher, a_fetcher(ALLOWED) as fetcher:
        for host in HOSTS:
            target = f"http://{host}:{victim.port}/".encode().decode("latin-1")  # UTF-8 on the wire
            publisher.routes["/feed"] = Response(status=status, headers={"Location": target})
            outcome = await asked(fetcher, f"{publisher.url}/feed")
            assert isinstance(outcome, FetchFailed), host

        assert victim.connections == []
        assert len(publisher.log) == len(HOSTS)


async def test_no_name_that_changes_its_mind_leads_to_one() -> None:
    async with a_victim() as victim, FeedServer(HOME) as publisher:
        publisher.routes["/"] = Response(body=b"<rss/>")
        for address in ENDS:
            async with a_fetcher(ALLOWED, [HOME], [address], [HOME, address]) as fetcher:
                good = await asked(fetcher, f"http://one.example:{publisher.port}/")
                assert isinstance(good, Fetched)
                rebound = await asked(fetcher, f"http://two.example:{victim.port}/")
                assert isinstance(rebound, FetchFailed), address
                # The first address is the publisher's, who does not listen there.
                both = await asked(fetcher, f"http://three.example:{publisher.port + 1}/")
                assert isinstance(both, FetchFailed), address

        assert victim.connections == []


async def test_a_chain_of_names_ends_where_one_is_refused() -> None:
    async with a_victim() as victim, FeedServer(HOME) as publisher:
        for place in range(REDIRECTS):
            target = f"http://n{place}.example:{publisher.port}/{place + 1}"
            publisher.routes[f"/{place}"] = Response(status=302, headers={"Location": target})
        async with a_fetcher(ALLOWED, [HOME], [HOME], ["127.0.0.1"]) as fetcher:
            outcome = await asked(fetcher, f"{publisher.url}/0")

        assert isinstance(outcome, FetchFailed)
        assert "127.0.0.1 is a private address" in outcome.reason
        assert [request.target for request in publisher.log] == ["/0", "/1", "/2"]
        assert victim.connections == []


async def test_a_receiver_of_alerts_is_reached_by_the_same_rule() -> None:
    async with a_victim() as victim, client(AddressPolicy(), resolver=Treacherous()) as http:
        for host in HOSTS:
            answer = await post(http, Secret(f"http://{host}:{victim.port}/hook"), b"{}", {}, now=NOON)
            assert isinstance(answer, Attempt), host
            assert answer.outcome is not Outcome.SENT

        assert victim.connections == []


def test_no_other_room_makes_a_client_of_its_own() -> None:
    rooms = set()
    folder = Path(str(monitor.__file__)).parent
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            makes = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
            if makes in ("AsyncClient", "Client", "ClientSession"):
                rooms.add(str(file.relative_to(folder)))

    assert rooms == {"network.py"}


addresses = st.one_of(
    st.sampled_from([ip_address(end) for end in ENDS]),
    st.sampled_from([ip_network(block) for block in BLOCKS]).flatmap(
        lambda network: st.integers(0, network.num_addresses - 1).map(lambda place: network[place])
    ),
)


@given(addresses, addresses, st.integers(0, 64))
def test_allow_private_opens_what_it_names_and_nothing_else(
    address: IPv4Address | IPv6Address, other: IPv4Address | IPv6Address, wider: int
) -> None:
    network = ip_network(f"{address}/{max(address.max_prefixlen - wider, 0)}", strict=False)
    policy = AddressPolicy((network,))

    assert policy.refusal(str(address)) == ""
    assert (policy.refusal(str(other)) == "") is (other in network)


@pytest.mark.parametrize("written", ["127.0.0.1", "127.0.0.0/8", "::1"])
async def test_what_is_allowed_is_reached_and_its_neighbours_are_not(written: str) -> None:
    policy = AddressPolicy((ip_network(written),))
    async with a_victim() as victim, a_fetcher(policy) as fetcher:
        for host in HOSTS:
            await asked(fetcher, f"http://{host}:{victim.port}/feed")

    network = ip_network(written)
    assert all(ip_address(address) in network for address in victim.connections)
    assert victim.connections or network.version == 6  # the machine may have none
