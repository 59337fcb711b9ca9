"""Settings: from the environment and `.env`, each with a default that works."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values

from ingestion import setting_values as values
from ingestion.errors import UserError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
"""The checkout: dbt_project.yml and seeds/ are found from here, wherever a command is run."""


@dataclass(frozen=True)
class Settings:
    """What a run may be told from outside; see docs/settings.md for the meaning of each."""

    data_dir: Path
    threads: int | None = None
    memory_limit: str | None = None
    spill_dir: Path | None = None
    """Where DuckDB puts what memory does not hold; None: beside its files."""
    site_domains: tuple[str, ...] = ()
    timezone: str = "UTC"
    given_secret_key: str | None = None
    given_write_key: str | None = None
    public_url: str = "http://127.0.0.1:8765"
    """Where visitors reach the collector: what links in mails begin with, without a slash."""
    honour_privacy_signals: bool = True
    """Whether events of browsers that say GPC or DNT are kept without anything of who it was."""
    require_consent: bool = False
    """Whether the lead magnet's own pages track nobody without consent."""
    first_party_cookie: bool = False
    """Whether the collector hands out the anonymous id as a cookie of the site."""
    collect_origins: tuple[str, ...] = ()
    """The origins whose pages may send events; none: any."""
    collect_rate: int = 50
    """Requests a second that one address may send for long; ten times as many at once."""
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Whose word on the visitor's address (X-Forwarded-For) is taken."""
    quarantine_days: int = 30
    keep_exports_days: int = 90
    report_days: int = 7
    """A request for a mini-report that was received longer ago is not answered."""
    keep_reports_days: int = 90
    keep_landing_days: int | None = None
    """None: for ever."""
    compact_above_percent: int = 50
    """A database file is compacted when more of it than this holds nothing."""
    smtp_url: str | None = field(default=None, repr=False)
    """The mail server, with user and password; None: no mail is sent."""
    mail_from: str | None = None
    overview_to: tuple[str, ...] = ()
    """Who gets the overview by mail."""
    privacy_url: str | None = None
    """The privacy notice that the lead magnet's form links to."""
    company_name: str | None = None
    """Whose form, report and mail it is; None: they name the first of the site domains."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Reads `INTENT_*` from `environment` (default: the process's own, which beats `.env`).

        Raises UserError where a value cannot be used.
        """
        if environment is None:
            from_file = {k: v for k, v in dotenv_values(Path.cwd() / ".env").items() if v}
            environment = {**from_file, **os.environ}
        return cls(
            data_dir=Path(environment.get("INTENT_DATA_DIR") or "data").absolute(),
            threads=values.positive_integer("INTENT_THREADS", environment.get("INTENT_THREADS")),
            memory_limit=values.memory_limit(environment.get("INTENT_MEMORY_LIMIT") or ""),
            spill_dir=values.folder(environment.get("INTENT_SPILL_DIR")),
            site_domains=values.domains(environment.get("INTENT_SITE_DOMAINS") or ""),
            timezone=values.timezone(environment.get("INTENT_TIMEZONE") or "UTC"),
            given_secret_key=values.secret_key(environment.get("INTENT_SECRET_KEY")),
            given_write_key=values.write_key(environment.get("INTENT_WRITE_KEY")),
            public_url=values.public_url(environment.get("INTENT_PUBLIC_URL") or cls.public_url),
            honour_privacy_signals=values.switch(
                "INTENT_HONOUR_PRIVACY_SIGNALS", environment.get("INTENT_HONOUR_PRIVACY_SIGNALS")
            )
            is not False,
            require_consent=values.switch(
                "INTENT_REQUIRE_CONSENT", environment.get("INTENT_REQUIRE_CONSENT")
            )
            is True,
            first_party_cookie=values.switch(
                "INTENT_FIRST_PARTY_COOKIE", environment.get("INTENT_FIRST_PARTY_COOKIE")
            )
            is True,
            collect_origins=values.origins(environment.get("INTENT_COLLECT_ORIGINS") or ""),
            collect_rate=values.positive_integer(
                "INTENT_COLLECT_RATE", environment.get("INTENT_COLLECT_RATE")
            )
            or cls.collect_rate,
            trusted_proxies=values.proxies(environment.get("INTENT_TRUSTED_PROXIES") or "")
            or cls.trusted_proxies,
            quarantine_days=values.days(
                "INTENT_QUARANTINE_DAYS", environment.get("INTENT_QUARANTINE_DAYS")
            )
            or 30,
            keep_exports_days=values.days(
                "INTENT_KEEP_EXPORTS_DAYS", environment.get("INTENT_KEEP_EXPORTS_DAYS")
            )
            or 90,
            report_days=values.days("INTENT_REPORT_DAYS", environment.get("INTENT_REPORT_DAYS"))
            or 7,
            keep_reports_days=values.days(
                "INTENT_KEEP_REPORTS_DAYS", environment.get("INTENT_KEEP_REPORTS_DAYS")
            )
            or 90,
            keep_landing_days=values.days(
                "INTENT_KEEP_LANDING_DAYS", environment.get("INTENT_KEEP_LANDING_DAYS")
            ),
            compact_above_percent=values.positive_integer(
                "INTENT_COMPACT_ABOVE", environment.get("INTENT_COMPACT_ABOVE")
            )
            or 50,
            smtp_url=environment.get("INTENT_SMTP_URL") or None,
            mail_from=values.sender(environment.get("INTENT_MAIL_FROM") or ""),
            overview_to=values.addresses(
                "INTENT_OVERVIEW_TO", environment.get("INTENT_OVERVIEW_TO") or ""
            ),
            privacy_url=values.privacy_url(environment.get("INTENT_PRIVACY_URL") or ""),
            company_name=" ".join((environment.get("INTENT_COMPANY_NAME") or "").split()) or None,
        )

    def environment(self) -> dict[str, str]:
        """These settings as `INTENT_*` variables, from which another process reads the same.

        A setting that is not given is empty, so that no `.env` where that process runs gives it.
        """
        return {
            "INTENT_DATA_DIR": str(self.data_dir.absolute()),
            "INTENT_THREADS": "" if self.threads is None else str(self.threads),
            "INTENT_MEMORY_LIMIT": self.memory_limit or "",
            "INTENT_SPILL_DIR": "" if self.spill_dir is None else str(self.spill_dir),
            "INTENT_SITE_DOMAINS": ",".join(self.site_domains),
            "INTENT_TIMEZONE": self.timezone,
            "INTENT_SECRET_KEY": self.given_secret_key or "",
            "INTENT_WRITE_KEY": self.given_write_key or "",
            "INTENT_PUBLIC_URL": self.public_url,
            "INTENT_HONOUR_PRIVACY_SIGNALS": "on" if self.honour_privacy_signals else "off",
            "INTENT_REQUIRE_CONSENT": "on" if self.require_consent else "off",
            "INTENT_FIRST_PARTY_COOKIE": "on" if self.first_party_cookie else "off",
            "INTENT_COLLECT_ORIGINS": ",".join(self.collect_origins),
            "INTENT_COLLECT_RATE": str(self.collect_rate),
            "INTENT_TRUSTED_PROXIES": ",".join(self.trusted_proxies),
            "INTENT_QUARANTINE_DAYS": str(self.quarantine_days),
            "INTENT_KEEP_EXPORTS_DAYS": str(self.keep_exports_days),
            "INTENT_REPORT_DAYS": str(self.report_days),
            "INTENT_KEEP_REPORTS_DAYS": str(self.keep_reports_days),
            "INTENT_KEEP_LANDING_DAYS": str(self.keep_landing_days or ""),
            "INTENT_COMPACT_ABOVE": str(self.compact_above_percent),
            "INTENT_SMTP_URL": self.smtp_url or "",
            "INTENT_MAIL_FROM": self.mail_from or "",
            "INTENT_OVERVIEW_TO": ",".join(self.overview_to),
            "INTENT_PRIVACY_URL": self.privacy_url or "",
            "INTENT_COMPANY_NAME": self.company_name or "",
        }

    @property
    def shown_name(self) -> str:
        """How visitors are told whose site it is; empty where nothing says it."""
        return self.company_name or next(iter(self.site_domains), "")

    def make_folder(self, folder: Path) -> Path:
        """Makes `folder`, the data directory or one in it, where it is not there yet.

        It holds addresses of people, so a data directory made here is its owner's alone.
        """
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def landing(self) -> Path:
        """Where producers drop log files."""
        return self.data_dir / "landing"

    @property
    def warehouse(self) -> Path:
        """Schemas raw, staging and intermediate: the pipeline's own file."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        """What dbt builds for readers, before it is published."""
        return self.data_dir / "marts.duckdb"

    @property
    def analytics(self) -> Path:
        """The published copy, the only file that readers open."""
        return self.data_dir / "analytics.duckdb"

    @property
    def exports(self) -> Path:
        """What sales open."""
        return self.data_dir / "exports"

    @property
    def requests(self) -> Path:
        """What visitors entered into the lead magnet's form, a file a request."""
        return self.data_dir / "requests"

    @property
    def reports(self) -> Path:
        """The mini-reports that were made."""
        return self.data_dir / "reports"

    @property
    def outbox(self) -> Path:
        """Mails that nobody sends, where no mail server is set."""
        return self.data_dir / "outbox"

    @property
    def deliveries(self) -> Path:
        """The ledger of messages that left, or may have left."""
        return self.data_dir / "deliveries.jsonl"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: the UI shows every run that wrote here."""
        return self.data_dir / "dagster"

    @property
    def dbt_target(self) -> Path:
        """dbt's manifest and compiled SQL; kept out of the project's tree."""
        return self.data_dir / "dbt" / "target"

    @property
    def logs(self) -> Path:
        """Every log that is for people to read; nothing there is needed by a run."""
        return self.data_dir / "logs"

    @property
    def dbt_logs(self) -> Path:
        """dbt's log files."""
        return self.logs / "dbt"

    @property
    def lock_file(self) -> Path:
        """The file whose lock says who writes."""
        return self.data_dir / ".writer.lock"

    def secret_key(self) -> str:
        """The key of every keyed hash and token: given, or made once and kept.

        Losing it gives each visitor of an access log a new name and lets no link in a mail work,
        so it belongs in a backup. Raises UserError where a kept one is too short to be a secret.
        """
        return self.given_secret_key or self._kept_key("secret_key", values.SHORTEST_SECRET)

    def write_key(self) -> str:
        """What producers name themselves by to the collector: given, or made once and kept.

        Raises UserError where a kept one is empty.
        """
        return self.given_write_key or self._kept_key("write_key", 1)

    def _kept_key(self, name: str, least: int) -> str:
        kept = self.data_dir / name
        if not kept.exists():
            self.make_folder(self.data_dir)
            draft = kept.with_name(f".{name}.{os.getpid()}")
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            try:
                # link, not rename: of two that start together one wins, and both use its key
                os.link(draft, kept)
            except FileExistsError:
                pass
            finally:
                draft.unlink()
        key = kept.read_text().strip()
        if len(key) < least:
            raise UserError(
                f"{kept} holds a key of {len(key)} letters, and it takes {least} at least: was it"
                " cut off? Put it back from a backup, or remove it: then another is made, with the"
                " consequences that docs/settings.md tells"
            )
        return key
