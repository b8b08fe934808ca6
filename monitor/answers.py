"""What an answer says, read as its feed is configured."""

from monitor.fetch import Fetched
from monitor.formats import Document, Parser
from monitor.reader import Reader
from monitor.readers import Readers
from rules.records import Feed


async def read_answer(reader: Reader | Readers, answer: Fetched, feed: Feed, parser: Parser = Parser.AUTO) -> Document:
    """The document in `answer` to a request for `feed`. Raises Unreadable."""
    return await reader.read(
        answer.body,
        answer.headers,
        answer.url,
        incomplete=answer.incomplete,
        kind=feed.kind,
        selectors=feed.selectors,
        parser=parser,
    )
