"""Where alerts arrive. The one door: the table CHANNELS, from the `type` in the configuration to the class."""

from collections.abc import Mapping

from monitor.channels.base import ChannelKind
from monitor.channels.console import Console
from monitor.channels.mail import Mail
from monitor.channels.slack import Slack
from monitor.channels.webhook import Webhook

CHANNELS: Mapping[str, ChannelKind] = {"email": Mail, "slack": Slack, "webhook": Webhook, "console": Console}
