"""Invented names: of people, of companies and of their addresses."""

from __future__ import annotations

FIRST_NAMES = (
    "Anna", "Ben", "Chloe", "Daniel", "Elena", "Farid", "Grace", "Hannah", "Ivan", "Julia",
    "Kofi", "Laura", "Marek", "Nadia", "Oliver", "Priya", "Quentin", "Rosa", "Samuel", "Tara",
    "Umar", "Vera", "William", "Ximena", "Yusuf", "Zoë", "Arjun", "Beatriz", "Callum", "Deepa",
    "Emil", "Fiona", "Gustav", "Hye-jin", "Ines", "Jack", "Katya", "Liam", "Mei", "Noah",
    "Orla", "Pablo", "Renée", "Søren", "Thandi", "Ursula", "Victor", "Wanda", "Aisha", "Bram",
)  # fmt: skip
LAST_NAMES = (
    "Ashdown", "Birch", "Castellan", "Dovrak", "Ellery", "Fairholm", "Garside", "Holloway",
    "Iversen", "Jansky", "Kessel", "Lindqvist", "Marchetti", "Novák", "Okonjo", "Pemberley",
    "Quill", "Ravndal", "Sarkany", "Thorne", "Ullmann", "Vasanth", "Wexley", "Yardley", "Zeller",
    "Abernant", "Brandvold", "Corrigan", "Delacroix", "Eastlake", "Ferreira", "Grünwald",
    "Hartono", "Idris", "Jellicoe", "Kowalczyk", "Lockridge", "Mbeki", "Nakagawa", "O'Shea",
    "Petrov", "Rosenthal", "Stavros", "Tremaine", "Underhill", "Venkatesh", "Winterbourne",
    "Xu", "Youngblood", "Zimmer",
)  # fmt: skip
_ASCII = str.maketrans({"ë": "e", "é": "e", "ø": "o", "á": "a", "ü": "u", "'": "", "-": ""})

TITLES = (
    "Head of Operations", "Data Analyst", "CTO", "Marketing Manager", "RevOps Lead", "Founder",
    "Product Manager", "Finance Director", "Software Engineer", "VP Sales", "IT Manager",
    "Growth Lead", "Procurement Manager", "Customer Success Manager",
)  # fmt: skip

_FRONT = (
    "Orv", "Kelb", "Tav", "Mirr", "Zanth", "Brix", "Ostr", "Quen", "Velm", "Drav", "Ny", "Pell",
    "Hesk", "Lorv", "Umbr", "Skel", "Fenw", "Graz", "Ith", "Jarr", "Wend", "Cald", "Ebb", "Rusk",
)  # fmt: skip
_BACK = (
    "anta", "ridge", "enholm", "olux", "era", "quay", "ell", "volta", "ara", "mark", "onic",
    "ington", "aster", "ovik", "elle", "ando", "ick", "orra", "ium", "ax",
)  # fmt: skip
_TRADES = (
    "Logistics", "Robotics", "Health", "Foods", "Analytics", "Energy", "Insurance", "Textiles",
    "Systems", "Partners", "Media", "Freight", "Labs",
)  # fmt: skip
_TLDS = ("com", "example", "com", "co.uk", "io", "de", "example", "com", "nl", "com.au", "co")

FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de", "yahoo.co.uk", "icloud.com", "proton.me",
             "hotmail.com", "web.de", "hey.com")  # fmt: skip
DISPOSABLE_MAIL = ("mailinator.com", "yopmail.com", "guerrillamail.com", "sharklasers.com")
ROLE_NAMES = ("info", "sales", "office", "hello")
COMPANY_DOMAIN = "example.com"
"""The site's own company, whose staff no one should call."""


def company_name(number: int) -> str:
    """The name of company `number`: no two alike (a figure is added when the stock is used up)."""
    stock = len(_FRONT) * len(_BACK) * len(_TRADES)
    # 1,009 shares no factor with the stock, so neighbours differ and none comes twice
    place = number % stock * 1009 % stock
    front, rest = _FRONT[place % len(_FRONT)], place // len(_FRONT)
    back, trade = _BACK[rest % len(_BACK)], _TRADES[rest // len(_BACK)]
    more = f" {number // stock + 1}" if number >= stock else ""
    return f"{front}{back} {trade}{more}"


def company_domain(number: int) -> str:
    """Its registrable domain; under several kinds of suffix, unlikely to be anybody's."""
    return f"{company_name(number).lower().replace(' ', '-')}.{_TLDS[number % len(_TLDS)]}"


def full_name(word: int) -> str:
    """A person's name from a number drawn by lot."""
    first = FIRST_NAMES[word % len(FIRST_NAMES)]
    return f"{first} {LAST_NAMES[word // len(FIRST_NAMES) % len(LAST_NAMES)]}"


def mailbox(name: str) -> str:
    """What stands before the @ of a person with this name."""
    first, last = name.lower().translate(_ASCII).split(" ", 1)
    return f"{first}.{last}"
