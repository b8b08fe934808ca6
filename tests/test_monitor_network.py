"""Whatever an address looks like, what is dialled is public or allowed."""

import asyncio
import socket
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.network import AddressPolicy, AddressRefused, client, user_agent
from tests.receivers import certificate
from tests.servers import FeedServer, Request, Response

pytestmark = pytest.mark.anyio

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

SPECIAL = [
    "0.0.0.0", "0.255.255.255", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.0.192", "192.0.2.1", "192.31.196.1", "192.52.193.1",
    "192.88.99.1", "192.168.0.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::10.0.0.1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "100:0:0:1::1", "2001::1", "2001:1::1", "2001:2::1", "2001:3::1", "2001:4:112::1", "2001:10::1",
    "2001:20::1", "2001:30::1", "2001:db8::1", "2002:7f00:1::1", "2002:c0a8:1::1", "2620:4f:8000::1", "3fff::1",
    "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip

PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "100.128.0.1",
    "::ffff:1.1.1.1",
    "2606:4700::6810:84e5",
    "2a00:1450:4001::200e",
]

DISGUISES = [
    "127.0.0.1", "2130706433", "0x7f000001", "127.1", "0", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "127。0。0。1", "user@127.0.0.1", "1.1.1.1@127.0.0.1", "localhost",
]  # fmt: skip


class Scripted(AbstractResolver):
    """Answers with one list of addresses after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=0,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in answer
        ]  # fmt: skip

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("address", SPECIAL)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert "is a private address; allow it in [network] allow_private" in AddressPolicy().refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_reached(address: str) -> None:
    assert AddressPolicy().refusal(address) == ""


def test_an_allowed_network_is_reached_and_its_neighbour_is_not() -> None:
    policy = AddressPolicy((ip_network("10.1.2.0/24"),))

    assert policy.refusal("10.1.2.9") == policy.refusal("::ffff:10.1.2.9") == ""
    assert policy.refusal("10.1.3.9") == ("refused: 10.1.3.9 is a private address; allow it in [network] allow_private")


def test_what_is_no_address_is_refused() -> None:
    assert AddressPolicy().refusal("localhost")


@pytest.mark.parametrize("host", DISGUISES)
async def test_loopback_is_refused_in_every_disguise(host: str) -> None:
    async with FeedServer() as server, client(AddressPolicy()) as http:
        with pytest.raises(httpx.TransportError) as refused:
            await http.get(f"http://{host}:{server.port}/")

        assert not server.log
        # aiohttp refuses some disguises by itself, and not every resolver knows them all; none may connect.
        assert isinstance(refused.value, AddressRefused | httpx.UnsupportedProtocol | httpx.ConnectError)
        assert any(word in str(refused.value) for word in ("private address", "canonical", "resolved"))


async def test_the_reason_is_a_sentence_that_says_what_to_do() -> None:
    async with client(AddressPolicy()) as http:
        with pytest.raises(AddressRefused) as refused:
            await http.get("http://127.0.0.1:9/")

    assert str(refused.value) == "refused: 127.0.0.1 is a private address; allow it in [network] allow_private"


async def test_a_name_that_resolves_to_loopback_is_refused() -> None:
    async with FeedServer() as server, client(AddressPolicy(), resolver=Scripted(["127.0.0.1", "::1"])) as http:
        with pytest.raises(AddressRefused, match=r"127\.0\.0\.1 is a private .*::1 is a private"):
            await http.get(f"http://rebound.example:{server.port}/")

        assert not server.log


async def test_a_name_that_resolves_to_loopback_the_second_time_is_refused_the_second_time() -> None:
    only_one = AddressPolicy((ip_network("127.0.0.1/32"),))
    async with FeedServer() as server, client(only_one, resolver=Scripted(["127.0.0.1"], ["127.0.0.2"])) as http:
        server.routes["/"] = Response(body=b"first")

        assert (await http.get(f"http://first.example:{server.port}/")).content == b"first"
        with pytest.raises(AddressRefused):
            await http.get(f"http://second.example:{server.port}/")


async def test_a_name_that_resolves_to_nothing_is_named() -> None:
    class Nothing(Scripted):
        async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
            raise OSError("no such name")

    async with client(AddressPolicy(), resolver=Nothing([])) as http:
        with pytest.raises(httpx.ConnectError, match=r"the name gone\.example could not be resolved"):
            await http.get("http://gone.example/")


async def test_a_port_where_nobody_listens_is_not_called_refused_by_us() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        async with client(AddressPolicy(LOOPBACK)) as http:
            with pytest.raises(httpx.ConnectError, match=r"^no connection to 127\.0\.0\.1:\d+: Connection refused$"):
                await http.get(f"http://127.0.0.1:{nobody.getsockname()[1]}/")


async def test_a_server_without_tls_is_told_from_one_whose_certificate_nobody_vouches_for() -> None:
    plain = await asyncio.start_server(_answer_in_the_clear, "127.0.0.1", 0)
    unknown = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=certificate())
    async with plain, unknown, client(AddressPolicy(LOOPBACK)) as http:
        with pytest.raises(
            httpx.ConnectError, match=r"^it does not speak TLS; perhaps its address begins with http://"
        ):
            await http.get(f"https://127.0.0.1:{plain.sockets[0].getsockname()[1]}/")
        with pytest.raises(httpx.ConnectError, match=r"^the TLS certificate was not accepted: [^(\[]+$"):
            await http.get(f"https://127.0.0.1:{unknown.sockets[0].getsockname()[1]}/")


def _answer_in_the_clear(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def test_cookies_are_not_kept_and_redirects_not_followed() -> None:
    async with FeedServer() as server, client(AddressPolicy(LOOPBACK), user_agent="Wirebell/1") as http:
        server.routes["/"] = Response(status=302, headers={"Set-Cookie": "a=b; Path=/", "Location": "/next"})

        first = await http.get(server.url)
        await http.get(server.url)

    assert first.status_code == 302
    assert [request.target for request in server.log] == ["/", "/"]
    assert all("cookie" not in request.headers for request in server.log)
    assert server.log[0].headers["user-agent"] == "Wirebell/1"


async def test_a_server_that_hangs_up_is_not_asked_again_at_once() -> None:
    async def hangs_up(writer: Any) -> None:
        writer.close()

    async with FeedServer() as server, client(AddressPolicy(LOOPBACK)) as http:
        server.routes["/"] = lambda _: hangs_up
        with pytest.raises(httpx.TransportError):
            await http.get(server.url)

        assert len(server.log) == 1


async def test_an_address_is_asked_for_byte_by_byte() -> None:
    target = "/a%2Fb%3Ac~d%7Ee?sig=a%3Ab%2Bc+d%20e&x=%41"
    async with FeedServer() as server, client(AddressPolicy(LOOPBACK)) as http:
        await http.get(f"{server.url}{target}")

    assert server.log[0].target == target


async def test_a_body_and_its_headers_arrive_as_sent() -> None:
    def echo(request: Request) -> Response:
        return Response(body=request.body, headers={"X-Was": request.headers["content-type"]})

    async with FeedServer() as server, client(AddressPolicy(LOOPBACK)) as http:
        server.routes["/"] = echo
        answer = await http.post(server.url, content="é".encode(), headers={b"Content-Type": b"text/plain"})
        streamed = await http.post(server.url, json={"a": 1})

    assert answer.content == "é".encode()
    assert streamed.json() == {"a": 1}


async def test_the_environment_sends_us_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with FeedServer() as server, client(AddressPolicy(LOOPBACK)) as http:
        server.routes["/"] = Response(body=b"direct")

        assert (await http.get(server.url)).content == b"direct"


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nbroken\x00: \x01\r\n\r\n", b""])
async def test_what_is_not_http_is_an_error_of_httpx(answer: bytes) -> None:
    async def say(writer: Any) -> None:
        writer.write(answer)
        await writer.drain()

    async with FeedServer() as server, client(AddressPolicy(LOOPBACK)) as http:
        server.routes["/"] = lambda _: say
        with pytest.raises(httpx.TransportError):
            await http.get(server.url)


async def test_a_name_that_cannot_be_asked_is_an_error_of_httpx() -> None:
    async with client(AddressPolicy()) as http:
        with pytest.raises((httpx.TransportError, httpx.InvalidURL)):
            await http.get(f"http://{'a' * 64}.example/")


def test_we_say_who_we_are() -> None:
    assert user_agent("1.2", "desk@example.org") == "Wirebell/1.2 (+desk@example.org)"
    assert user_agent("1.2") == "Wirebell/1.2 (+https://github.com/wirebell/wirebell)"
