"""The pages of the invented site: www.example.com, with its product at app.example.com."""

from __future__ import annotations

from dataclasses import dataclass

WWW = "https://www.example.com"
APP = "https://app.example.com"


@dataclass(frozen=True)
class Page:
    """One address of the site; `page_class` is the simulator's own grouping, to choose from."""

    page_class: str
    host: str
    path: str
    title: str
    weight: int


_ARTICLES = (
    "How we cut reporting time by half", "The onboarding checklist", "What is product-led sales",
    "A field guide to churn", "Seven dashboards that nobody reads", "Data contracts in practice",
    "Forecasts without spreadsheets", "Our remote handbook", "The cost of bad data",
    "Release notes: autumn", "Release notes: summer", "Release notes: spring",
    "Choosing a warehouse", "Event names that last", "Cookies after the banner",
    "Attribution for small teams", "How to run a pilot", "Ten questions for your vendor",
    "Security reviews, demystified", "From CSV to pipeline", "Lead scoring without magic",
    "Reading a funnel", "When to hire an analyst", "Customer health in one number",
    "The half-life of interest", "Why we are not open all night", "Alerts that people trust",
    "Migrating in a weekend", "A glossary of growth", "Interview: a head of operations",
)  # fmt: skip
_GUIDES = (
    "Getting started", "Install the tracker", "Identify users", "Track events", "Webhooks",
    "REST reference", "Authentication", "Rate limits", "Import a CSV", "Export to a warehouse",
    "Single sign-on", "Roles and permissions", "Troubleshooting", "Changelog", "Python client",
    "JavaScript client", "Data retention", "Sandbox", "Error codes", "Pagination",
)  # fmt: skip
_CONNECTORS = ("HubSpot", "Salesforce", "Slack", "Snowflake", "Zapier", "Jira", "Stripe", "Notion")
_RIVALS = ("Spreadsheets", "Building it yourself", "Chartlane", "Metricloft", "Pulsegrid")
_STORIES = ("Orvanta", "Kelbridge", "Tavenholm", "Mirrolux", "Zanthera", "Brightquay", "Ostrell")
_FEATURES = ("Dashboards", "Alerts", "Forecasts", "Workflows", "Mobile app", "Permissions")
_JOBS = ("Backend engineer", "Product designer", "Account executive", "Support engineer")


def _slug(title: str) -> str:
    letters = (c if c.isalnum() else "-" for c in title.lower())
    return "-".join(part for part in "".join(letters).split("-") if part)


def _series(page_class: str, folder: str, titles: tuple[str, ...], top: int) -> list[Page]:
    """Pages under a folder, the first ones read most."""
    return [
        Page(page_class, WWW, f"{folder}/{_slug(title)}", f"{title} | Example", top // rank)
        for rank, title in enumerate(titles, start=1)
    ]


PAGES: tuple[Page, ...] = (
    Page("home", WWW, "/", "Example: know what your customers do", 100),
    Page("pricing", WWW, "/pricing", "Pricing | Example", 80),
    Page("pricing", WWW, "/pricing/", "Pricing | Example", 6),
    Page("pricing", WWW, "/plans", "Plans | Example", 10),
    Page("pricing", WWW, "/pricing/enterprise", "Enterprise plan | Example", 14),
    Page("pricing", WWW, "/Pricing", "Pricing | Example", 1),
    Page("blog", WWW, "/blog", "Blog | Example", 60),
    *_series("blog", "/blog", _ARTICLES, 120),
    Page("blog", WWW, "/resources", "Resources | Example", 10),
    Page("features", WWW, "/features", "Features | Example", 60),
    *_series("features", "/features", _FEATURES, 60),
    Page("features", WWW, "/solutions/finance-teams", "For finance teams | Example", 15),
    Page("features", WWW, "/product", "Product tour | Example", 20),
    Page("docs", WWW, "/docs", "Documentation | Example", 50),
    *_series("docs", "/docs", _GUIDES, 80),
    Page("docs", WWW, "/help/contact-support", "Contact support | Example", 12),
    Page("docs", WWW, "/api", "API | Example", 20),
    Page("case_study", WWW, "/customers", "Customers | Example", 40),
    *_series("case_study", "/case-studies", _STORIES, 40),
    Page("compare", WWW, "/compare", "Compare | Example", 20),
    *_series("compare", "/compare", _RIVALS, 40),
    Page("compare", WWW, "/alternatives/chartlane", "Chartlane alternatives | Example", 12),
    Page("integrations", WWW, "/integrations", "Integrations | Example", 40),
    *_series("integrations", "/integrations", _CONNECTORS, 40),
    Page("security", WWW, "/security", "Security | Example", 40),
    Page("security", WWW, "/trust/subprocessors", "Subprocessors | Example", 10),
    Page("contact", WWW, "/contact", "Contact | Example", 40),
    Page("careers", WWW, "/careers", "Careers | Example", 60),
    *_series("careers", "/careers", _JOBS, 60),
    Page("login", APP, "/login", "Sign in | Example", 100),
    Page("legal", WWW, "/privacy", "Privacy | Example", 30),
    Page("legal", WWW, "/terms", "Terms | Example", 15),
    Page("legal", WWW, "/imprint", "Imprint | Example", 5),
    Page("other", WWW, "/about", "About us | Example", 40),
    Page("other", WWW, "/events", "Events | Example", 15),
    Page("other", WWW, "/search", "Search | Example", 8),
    Page("other", WWW, "/404", "Not found | Example", 5),
    Page("app", APP, "/dashboard", "Dashboard | Example", 60),
    Page("app", APP, "/reports", "Reports | Example", 40),
    Page("app", APP, "/reports/weekly", "Weekly report | Example", 30),
    Page("app", APP, "/projects/north", "North | Example", 20),
    Page("app", APP, "/settings/team", "Team | Example", 10),
    Page("app", APP, "/settings/billing", "Billing | Example", 5),
    Page("demo_form", WWW, "/demo", "Book a demo | Example", 1),
    Page("contact_form", WWW, "/talk-to-sales", "Talk to sales | Example", 1),
    Page("report_form", WWW, "/resources/maturity-report", "How mature is your data?", 1),
    Page("lead_form", WWW, "/resources/buyers-guide", "The buyer's guide | Example", 1),
    Page("signup_form", APP, "/signup", "Start your trial | Example", 1),
)
PAGE_CLASSES: tuple[str, ...] = tuple(dict.fromkeys(page.page_class for page in PAGES))
NO_PAGE = -1


def page_weights(page_class: str) -> list[int]:
    """The weight of every page of PAGES, 0 outside the class."""
    return [max(page.weight, 1) if page.page_class == page_class else 0 for page in PAGES]


def page_of(page_class: str) -> int:
    """Position in PAGES of the class's first page."""
    return next(at for at, page in enumerate(PAGES) if page.page_class == page_class)
