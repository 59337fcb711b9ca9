"""The console script `intent`: thin commands, each of which leaves the work to a module.

What is heavy to import is imported by the command that needs it, so that the others start at once.
How they end is told in `orchestration.exit_codes`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from ingestion.errors import UserError
from ingestion.formats import FORMATS
from ingestion.settings import Settings
from orchestration.dates import parse_date
from orchestration.exit_codes import leave_with
from orchestration.formats import Format, TextOrJson

app = typer.Typer(
    name="intent",
    help="Raw web event logs in; people, accounts and explained intent scores out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"intent {version('intent-growth')}")
        raise typer.Exit


@app.callback()
def intent(
    is_version_asked: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """What is said before a command; its text for people is that of `app`."""


AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="UTC day, as 2026-06-30; default today.")
]


Wait = Annotated[
    float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for another writer.")
]


@app.command(
    epilog="Example: intent refresh            (what is new in landing/)  |  "
    "Example: intent refresh logs/ --as-of 2026-06-30"
)
def refresh(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files or folders to load; none: what is new in landing/."),
    ] = None,
    as_of: AsOf = "",
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Build every model anew from all events.")
    ] = False,
    all_tests: Annotated[
        bool,
        typer.Option(
            "--all-tests", help="Run the tests of the whole history too, else due once a week."
        ),
    ] = False,
    wait: Wait = 600,
) -> None:
    """Load, build, test, publish and export: the job that the daily schedule runs."""
    from orchestration.refreshing.refresh import RefreshRequest
    from orchestration.refreshing.refresh import refresh as run_refresh

    settings = Settings.from_environment()
    request = RefreshRequest(
        paths=_existing(paths or []),
        as_of=parse_date(as_of).isoformat() if as_of else "",
        full_refresh=full_refresh,
        all_tests=all_tests,
        wait_seconds=wait,
    )
    raise typer.Exit(run_refresh(settings, request))


@app.command(epilog="Example: intent load access.log.gz")
def load(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders to load.")],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="F",
            help=f"The format, where the content leaves doubt: {', '.join(FORMATS)}.",
        ),
    ] = None,
    wait: Wait = 600,
) -> None:
    """Only land files in the warehouse, and print the ledger's row of each."""
    from orchestration.commands.loading import load_and_print

    settings = Settings.from_environment()
    raise typer.Exit(
        load_and_print(settings, _existing(paths), file_format, wait, sys.stdout, sys.stderr)
    )


@app.command(epilog="Example: intent status --format json")
def status(
    form: Annotated[TextOrJson, typer.Option("--format")] = TextOrJson.text,
) -> None:
    """Is it fresh, is it complete, what was refused. Never waits for a running refresh."""
    from orchestration.status.report import print_status, status_json
    from orchestration.status.state import read_status

    settings = Settings.from_environment()
    current = read_status(settings)
    if form is TextOrJson.json:
        typer.echo(status_json(current))
    else:
        print_status(current, settings, sys.stdout)


@app.command(epilog="Example: intent rejected  |  Example: intent rejected --write mend/")
def rejected(
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="CODE", help="Only this reason, with more examples."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option(
            "--write",
            metavar="DIR",
            help="Write the records as they stood into files below DIR, to be mended and loaded.",
        ),
    ] = None,
    replay: Annotated[
        bool,
        typer.Option("--replay", help="Read all records again, and load those that are good now."),
    ] = False,
    form: Annotated[TextOrJson, typer.Option("--format")] = TextOrJson.text,
    wait: Wait = 600,
) -> None:
    """The quarantine by reason: what each means, what to do, and examples."""
    from orchestration.rejected.command import print_rejected, replay_rejected, write_rejected

    settings = Settings.from_environment()
    if replay:
        if write is not None or reason is not None:
            raise UserError("--replay reads the whole quarantine: give it alone")
        replay_rejected(settings, wait, sys.stdout, sys.stderr)
    elif write is None:
        print_rejected(settings, reason, form, wait, sys.stdout, sys.stderr)
    else:
        write_rejected(settings, reason, write, wait, sys.stdout, sys.stderr)


@app.command(
    epilog='Example: intent query "select domain, account_score from dim_accounts limit 5"'
)
def query(
    sql: Annotated[
        str, typer.Argument(metavar="SQL", help="One statement; - reads it from stdin.")
    ],
    form: Annotated[Format, typer.Option("--format")] = Format.table,
) -> None:
    """Run read-only SQL on the published file."""
    from orchestration.commands.query import query as run_query
    from orchestration.commands.query import statement_of

    text = statement_of(sys.stdin) if sql == "-" else sql
    run_query(Settings.from_environment(), text, form, sys.stdout, sys.stderr)


@app.command(epilog="Example: intent shell")
def shell() -> None:
    """Open an interactive, read-only SQL prompt on the published file."""
    from orchestration.commands.shell import shell as run_shell

    run_shell(Settings.from_environment(), sys.stdout, sys.stderr)


@app.command(
    epilog="Example: intent explain anna@acme.com  |  "
    "Example: intent explain acme.com --html acme.html"
)
def explain(
    who: Annotated[
        str,
        typer.Argument(metavar="WHO", help="An e-mail, user, anonymous or person id, or domain."),
    ],
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="As it stood at the end of this UTC day, as 2026-06-30; default: as published.",
        ),
    ] = "",
    form: Annotated[TextOrJson, typer.Option("--format")] = TextOrJson.text,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="PATH", help="Write it as a page too.")
    ] = None,
    wait: Wait = 600,
) -> None:
    """Who somebody is, with the evidence, why the score is what it is, and what would change it."""
    from orchestration.asked_pages import check_page, page_words
    from orchestration.explain import explaining, page, report

    settings = Settings.from_environment()
    check_page(html)
    day = parse_date(as_of) if as_of else None
    found, explained = explaining.explain(settings, who, day, wait, partial(typer.echo, err=True))
    if html is not None:
        page.write_page(html, found, explained, settings.timezone)
    if form is TextOrJson.json:
        typer.echo(report.explanation_json(found, explained))
    else:
        report.print_explanation(found, explained, settings, sys.stdout)
    if html is not None:
        typer.echo(page_words(html), err=True)


@app.command(epilog="Example: intent export  |  Example: intent export --parquet tables/")
def export(
    parquet: Annotated[
        Path | None,
        typer.Option(
            "--parquet",
            metavar="DIR",
            help="Instead: every published table as a Parquet file below DIR.",
        ),
    ] = None,
    wait: Wait = 600,
) -> None:
    """Write all that sales and a CRM are given anew from the published file."""
    from orchestration.commands import exporting

    settings = Settings.from_environment()
    if parquet is None:
        exporting.export_and_print(settings, wait, sys.stdout)
    else:
        exporting.export_parquet_and_print(settings, parquet, sys.stdout)


@app.command(epilog="Example: intent simulate --events 200000 --out logs/")
def simulate(
    events: Annotated[int, typer.Option(min=1, help="How many events to write.")],
    out: Annotated[Path, typer.Option(help="Folder for the log; the truth goes to OUT/truth/.")],
    seed: Annotated[int, typer.Option(help="The same seed writes the same log.")] = 1,
    days: Annotated[int, typer.Option(min=1, help="How many days the log covers.")] = 90,
    end: Annotated[
        str, typer.Option(metavar="DATE", help="The log's last UTC day; default yesterday.")
    ] = "",
    hidden_programs: Annotated[
        int, typer.Option(min=0, help="How many programs come beside, behind a browser's agent.")
    ] = 0,
    world: Annotated[
        str,
        typer.Option(
            metavar="WORLD",
            help="Let it be known what decides who converts: intent, null or recency.",
        ),
    ] = "",
) -> None:
    """Write a realistic log whose truth (who is who, which sessions) is known."""
    from orchestration.commands.simulation import simulate_and_print

    last_day = parse_date(end) if end else None
    simulate_and_print(
        events=events,
        out=out,
        seed=seed,
        days=days,
        end=last_day,
        hidden_programs=hidden_programs,
        world=world,
        report=sys.stdout,
    )


@app.command(
    epilog="Example: intent backtest --html backtest.html  |  "
    "Example: intent backtest --suggest suggested/"
)
def backtest(
    weeks: Annotated[
        int, typer.Option(min=1, max=520, metavar="N", help="How many weekly dates to look at.")
    ] = 26,
    form: Annotated[TextOrJson, typer.Option("--format")] = TextOrJson.text,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="PATH", help="Write it as a page too.")
    ] = None,
    suggest: Annotated[
        Path | None,
        typer.Option(
            "--suggest",
            metavar="DIR",
            help="Instead: would other weights foretell better? If so, write them to DIR, as seed"
            " files to look at.",
        ),
    ] = None,
    wait: Wait = 600,
) -> None:
    """Do the scores predict? Past dates as they looked then, and who converted after each."""
    settings = Settings.from_environment()
    if suggest is None:
        from orchestration.backtest.backtesting import backtest_and_print

        backtest_and_print(settings, weeks, form, html, wait, sys.stdout, sys.stderr)
    else:
        from orchestration.backtest.weights.suggesting import suggest_and_print

        suggest_and_print(settings, weeks, suggest, form, html, wait, sys.stdout, sys.stderr)


@app.command(
    name="compare-rulesets",
    epilog="Example: intent compare-rulesets proposal/  |  "
    "Example: intent compare-rulesets seeds/ --html moves.html",
)
def compare_rulesets(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder with the scoring seeds that differ.")
    ],
    form: Annotated[TextOrJson, typer.Option("--format")] = TextOrJson.text,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="PATH", help="Write it as a page too.")
    ] = None,
    wait: Wait = 600,
) -> None:
    """Who would move under other scoring rules? The same log by both; nothing is published."""
    from orchestration.rulesets.comparing import compare_and_print

    settings = Settings.from_environment()
    compare_and_print(settings, folder, form, html, wait, sys.stdout, sys.stderr)


@app.command(
    epilog="Example: intent collect  |  Example: intent collect --host 0.0.0.0 --port 8000"
)
def collect(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any that is free.")
    ] = 8765,
) -> None:
    """Take events over HTTP into landing/; serve the tracker and the lead magnet's pages."""
    from orchestration.commands.collecting import collect as run_collector

    raise typer.Exit(run_collector(Settings.from_environment(), host, port, sys.stdout))


@app.command(epilog="Example: intent ui --port 3000")
def ui(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 3000,
) -> None:
    """Serve the Dagster UI, with its daemon, schedule and sensors on."""
    from orchestration.commands.ui import serve

    raise typer.Exit(serve(Settings.from_environment(), host, port, sys.stdout))


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and leaves with its exit code."""
    # Addresses of people: files are their owner's alone, also in a data directory that was there
    # before and lets others in. Dagster's and dbt's processes inherit it.
    os.umask(0o077)
    leave_with(lambda: app(list(arguments) if arguments is not None else None))


def _existing(paths: Sequence[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise UserError(f"{path} does not exist; give a file or a folder with log files")
    return list(paths)
