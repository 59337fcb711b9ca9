"""Browsers, apps and robots, and the places that they are used from."""

from __future__ import annotations

from dataclasses import dataclass

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K)"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"

DESKTOP, MOBILE, APP, ROBOT = range(4)
BROWSER_LIBRARY = ("analytics.js", "next-1.81.1")


@dataclass(frozen=True)
class Agent:
    """A user agent: its kind (DESKTOP, MOBILE, APP, ROBOT) and how common it is within it.

    `forgets` says that its cookie is lost: 'week' after seven days without a visit (Safari's limit
    for cookies that a script wrote), 'visit' after each one.
    """

    kind: int
    weight: int
    text: str
    forgets: str = ""
    library: tuple[str, str] = BROWSER_LIBRARY


AGENTS: tuple[Agent, ...] = (
    Agent(DESKTOP, 300, f"{_WINDOWS} {_BLINK} Chrome/142.0.0.0 Safari/537.36"),
    Agent(DESKTOP, 90, f"{_WINDOWS} {_BLINK} Chrome/141.0.0.0 Safari/537.36"),
    Agent(DESKTOP, 130, f"{_WINDOWS} {_BLINK} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"),
    Agent(DESKTOP, 180, f"{_MAC} {_BLINK} Chrome/142.0.0.0 Safari/537.36"),
    Agent(DESKTOP, 120, f"{_MAC} {_WEBKIT} Version/26.1 Safari/605.1.15", "week"),
    Agent(DESKTOP, 40, f"{_WINDOWS[:-1]}; rv:145.0) Gecko/20100101 Firefox/145.0"),
    Agent(DESKTOP, 20, "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"),
    Agent(DESKTOP, 30, f"{_LINUX} {_BLINK} Chrome/142.0.0.0 Safari/537.36"),
    Agent(DESKTOP, 12, f"{_WINDOWS} {_BLINK} Chrome/142.0.0.0 Safari/537.36 OPR/126.0.0.0"),
    Agent(MOBILE, 420, f"{_IPHONE} {_WEBKIT} Version/26.1 Mobile/15E148 Safari/604.1", "week"),
    Agent(MOBILE, 40, f"{_IPHONE} {_WEBKIT} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1"),
    Agent(MOBILE, 300, f"{_ANDROID} {_BLINK} Chrome/142.0.0.0 Mobile Safari/537.36"),
    Agent(MOBILE, 50, f"{_ANDROID} {_BLINK} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile"
          " Safari/537.36"),
    Agent(MOBILE, 20, "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"),
    Agent(APP, 60, "ExampleApp/5.4.1 (iPhone; iOS 26.1; Scale/3.00)", "",
          ("analytics-swift", "1.9.1")),
    Agent(APP, 40, "ExampleApp/5.4.0 (Android 16; Pixel 9)", "", ("analytics-kotlin", "1.19.2")),
    Agent(ROBOT, 30, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
          "visit"),
    Agent(ROBOT, 16, "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
          "visit"),
    Agent(ROBOT, 14, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2;"
          " +https://openai.com/gptbot)", "visit"),
    Agent(ROBOT, 10, "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible;"
          " ClaudeBot/1.0; +claudebot@anthropic.com)", "visit"),
    Agent(ROBOT, 10, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"),
    Agent(ROBOT, 6, "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"),
    Agent(ROBOT, 24, f"{_LINUX} {_BLINK} HeadlessChrome/141.0.0.0 Safari/537.36"),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where people are: their share, locale and time zone.

    `utc_offset_minutes` is the zone's standard time: the rhythm of a day needs no summer time.
    """

    weight: int
    locale: str
    timezone: str
    utc_offset_minutes: int


PLACES: tuple[Place, ...] = (
    Place(260, "en-US", "America/New_York", -300),
    Place(120, "en-US", "America/Los_Angeles", -480),
    Place(170, "en-GB", "Europe/London", 0),
    Place(150, "de-DE", "Europe/Berlin", 60),
    Place(60, "fr-FR", "Europe/Paris", 60),
    Place(45, "nl-NL", "Europe/Amsterdam", 60),
    Place(35, "pl-PL", "Europe/Warsaw", 60),
    Place(30, "es-ES", "Europe/Madrid", 60),
    Place(70, "en-IN", "Asia/Kolkata", 330),
    Place(35, "en-AU", "Australia/Sydney", 600),
    Place(25, "pt-BR", "America/Sao_Paulo", -180),
)
"""Weights per mille."""

HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 5, 12, 28, 44, 50, 46, 34, 42, 48, 46, 40, 30, 20, 16, 15, 13, 9,
                5)  # fmt: skip
"""Visits by hour of the visitor's own day: office hours, a dip at lunch, some evenings."""
WEEKDAY_WEIGHTS = (100, 108, 110, 104, 82, 26, 30)
"""Monday to Sunday."""
