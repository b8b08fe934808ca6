"""Where feeds are on the common platforms, and where most sites have theirs. To add one, give it a row.

From the platforms' own help pages; what is guessed here is always read before anybody is told of it.
"""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

_PLATFORMS: tuple[tuple[str, str], ...] = (
    (r"(?:www\.|m\.)?youtube\.com/channel/(UC[\w-]+)", "https://www.youtube.com/feeds/videos.xml?channel_id={0}"),
    (
        r"(?:www\.|m\.)?youtube\.com/playlist\?(?:.*&)?list=([\w-]+)",
        "https://www.youtube.com/feeds/videos.xml?playlist_id={0}",
    ),
    (r"(?:\w+\.)?reddit\.com/((?:r|u|user)/[\w+.-]+)", "https://www.reddit.com/{0}/.rss"),
    (r"(?:www\.)?github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/.*)?$", "https://github.com/{0}/releases.atom"),
    (r"(?:www\.)?github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?(?:/.*)?$", "https://github.com/{0}/commits.atom"),
    (r"(?:www\.)?github\.com/([\w.-]+)/?$", "https://github.com/{0}.atom"),
    (r"gitlab\.com/([\w.-]+/[\w./-]+?)(?:/-/.*)?/?$", "https://gitlab.com/{0}/-/tags?format=atom"),
    (r"medium\.com/(@?[\w.-]+)", "https://medium.com/feed/{0}"),
    (r"([\w-]+)\.substack\.com", "https://{0}.substack.com/feed"),
    (r"([\w-]+)\.tumblr\.com", "https://{0}.tumblr.com/rss"),
    (r"([\w-]+)\.blogspot\.(?:com|[a-z.]{2,6})", "https://{0}.blogspot.com/feeds/posts/default"),
    (r"([\w-]+)\.wordpress\.com", "https://{0}.wordpress.com/feed/"),
    (r"dev\.to/(\w+)/?$", "https://dev.to/feed/{0}"),
    (r"lobste\.rs/t/([\w,]+)", "https://lobste.rs/t/{0}.rss"),
    (r"news\.ycombinator\.com", "https://news.ycombinator.com/rss"),
    (r"(?:www\.)?arxiv\.org/(?:list|archive)/([\w.-]+)", "https://rss.arxiv.org/rss/{0}"),
    (r"bsky\.app/profile/([\w.:-]+)", "https://bsky.app/profile/{0}/rss"),
    (r"pypi\.org/project/([\w.-]+)", "https://pypi.org/rss/project/{0}/releases.xml"),
    (r"(?:www\.)?vimeo\.com/([\w-]+)/?$", "https://vimeo.com/{0}/videos/rss"),
    (r"buttondown\.(?:com|email)/([\w-]+)", "https://buttondown.com/{0}/rss"),
    (r"(?:www\.)?huggingface\.co/blog", "https://huggingface.co/blog/feed.xml"),
    (r"news\.google\.com/((?:search|topics|topstories|publications)\b.*)", "https://news.google.com/rss/{0}"),
    # Stack Exchange, Mastodon: many hosts with the same paths.
    (r"([\w.-]+)/questions/tagged/([\w.+#-]+)", "https://{0}/feeds/tag/{1}"),
    (r"([\w.-]+)/(@\w+)/?$", "https://{0}/{1}.rss"),
)

_SOFTWARE: tuple[tuple[str, str], ...] = (
    ("wordpress", "/feed/"),
    ("ghost", "/rss/"),
    ("hugo", "index.xml"),
    ("jekyll", "/feed.xml"),
    ("eleventy", "/feed.xml"),
    ("astro", "/rss.xml"),
    ("gatsby", "/rss.xml"),
    ("hexo", "/atom.xml"),
    ("discourse", "/latest.rss"),
    ("drupal", "/rss.xml"),
    ("blogger", "/feeds/posts/default"),
    ("squarespace", "?format=rss"),
    ("wix", "/blog-feed.xml"),
    ("typepad", "/atom.xml"),
    ("movable type", "/atom.xml"),
    ("medium", "/feed"),
    ("tumblr", "/rss"),
)
"""What a page names as its generator, and where that puts the feed, relative to the page."""

_USUAL = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json")
"""Where feeds are on most of the sites that do not say it; by how many have it there."""


def on_platform(url: str) -> Iterator[str]:
    """The feeds of a page of a platform that is known by its address; a platform may offer several."""
    address = url.partition("://")[2].partition("#")[0]
    for pattern, feed in _PLATFORMS:
        if found := re.match(pattern, address, re.IGNORECASE):
            yield feed.format(*found.groups())


def by_software(generator: str, url: str) -> Iterator[str]:
    """The feeds of a page at `url` whose generator is named so."""
    named = generator.lower()
    return (urljoin(url, path) for name, path in _SOFTWARE if name in named)


def usual_places(url: str) -> Iterator[str]:
    """Where the site of `url` may have a feed: first below the page's own folder, then at the root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    below = f"{root}{parts.path.strip('/')}/" if parts.path.strip("/") and "." not in parts.path else root
    return iter(dict.fromkeys(urljoin(folder, place) for folder in (below, root) for place in _USUAL))
