"""One event an id over the whole history, whatever the order in which its records come.

Of the records of one event_id, those of equal content (see `canonical.content_md5`) are one: the
copy with the smallest (received_at, sent_at) is kept, nulls last. Of different contents, the one
with the smallest md5 is the event; each of the others is kept once in raw.event_id_collisions, in
its smallest copy. So what is kept is a function of the set of records. `event_at` and `source`,
which content leaves out, break what ties are left.

Cost: one pass over the narrow column event_key of the history finds the ids that are contested,
that is, met more than once. Only their rows are hashed, and only rows that change are moved.

What is to be done is decided before the transaction that does it: looking at rows that the same
transaction has inserted crashed DuckDB 2.0.0, now and then, with two threads (a text with a bad
pointer, where joins push filters into scans).

Nor may a record be known by its `rowid` from one statement to the next: DuckDB draws a table of no
file together when it likes, and the row of that number is then another (seen in 3 of 68 loads of
250,000 records, on a busy machine). So a contested record gets a number of its own. The history's
rows keep theirs, since nothing is written there in between; all the same their keys are asked for
again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from ingestion.canonical import EVENT_COLUMNS, content_md5

staged_like = ("raw.events", (*EVENT_COLUMNS, "event_key"))
"""What `stage.staged` is made after, for events."""

_STORED = ", ".join((*EVENT_COLUMNS, "load_id", "line_number", "event_key"))

_TABLES = ("known_places", "contested_keys", "contenders", "moved")

# Not a default of the column: DuckDB would fill the table with one thread.
_NUMBERED = """
update stage.staged
set record_number = nextval('record_numbers')
where outcome = 'event' and event_key in (select event_key from contested_keys)
"""

# The build side is the new file, the probe side one narrow column of the history.
_KNOWN_PLACES = """
create or replace temp table known_places as
select
    rowid as place,
    event_key
from raw.events
where event_key in (select event_key from stage.staged where outcome = 'event')
"""

_CONTESTED_KEYS = """
create or replace temp table contested_keys as
select event_key from known_places
union
select event_key
from stage.staged as staged
where outcome = 'event'
group by event_key
having count(*) > 1
"""

_CONTENDER = f"""event_id,
        received_at,
        sent_at,
        event_at,
        source,
        line_number,
        {content_md5()} as content_md5"""

_CONTENDERS = f"""
create or replace temp table contenders as
with

every_record as (

    select
        'staged' as origin,
        record_number as place,
        {_CONTENDER}
    from stage.staged as staged
    where outcome = 'event' and event_key in (select event_key from contested_keys)

    union all by name

    select
        'event' as origin,
        rowid as place,
        {_CONTENDER}
    from raw.events
    where rowid in (select place from known_places)

    union all by name

    select
        'collision' as origin,
        rowid as place,
        {_CONTENDER}
    from raw.event_id_collisions
    where event_key in (select event_key from known_places)

)

select
    origin,
    place,
    event_id,
    content_md5,
    row_number() over (
        partition by event_id, content_md5
        order by
            received_at nulls last,
            sent_at nulls last,
            event_at,
            source,
            origin = 'staged',
            line_number,
            place
    ) = 1 as is_kept,
    min(content_md5) over ids = content_md5 as is_winner,
    bool_or(origin <> 'staged') over contents as is_known_content,
    bool_or(origin <> 'staged') over ids as is_known_id
from every_record
window
    ids as (partition by event_id),
    contents as (partition by event_id, content_md5)
"""

_MOVED = f"""
create or replace temp table moved as
with

from_file as (

    select
        'staged' as origin,
        record_number as place,
        {", ".join(EVENT_COLUMNS)},
        cast(null as bigint) as load_id,
        line_number,
        event_key
    from stage.staged as staged
    where
        record_number in (select place from contenders where origin = 'staged' and is_kept)

),

from_history as (

    select
        'event' as origin,
        rowid as place,
        {_STORED}
    from raw.events
    where
        rowid in (
            select place from contenders where origin = 'event' and is_kept and not is_winner
        )

),

rows_to_move as (

    select * from from_file
    union all by name
    select * from from_history

)

select
    rows_to_move.*,
    contenders.is_winner,
    contenders.content_md5
from rows_to_move
inner join contenders using (origin, place, event_id)
"""

# A content new to its id is loaded where the id is new too and the content wins; else collided.
_VERDICT = """
with

uncontested as (

    select count(*) as record_count
    from stage.staged as staged
    where outcome = 'event' and event_key not in (select event_key from contested_keys)

),

contested as (

    select
        count(*) as record_count,
        count(*) filter (
            where is_kept and not is_known_content and is_winner and not is_known_id
        ) as loaded_count,
        count(*) filter (
            where is_kept and not is_known_content and (not is_winner or is_known_id)
        ) as collided_count
    from contenders
    where origin = 'staged'

)

select
    uncontested.record_count + contested.loaded_count,
    contested.record_count - contested.loaded_count - contested.collided_count,
    contested.collided_count
from uncontested
cross join contested
"""


@dataclass(frozen=True)
class Verdict:
    """How the events of a file divide: the three counts add up to their number."""

    loaded: int
    duplicate: int
    collided: int


def decide(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Finds out what becomes of the events of `stage.staged`; to be called before `move`.

    Not within a transaction; `clear` lets go of what it leaves for `move`.
    """
    connection.execute(_KNOWN_PLACES)
    connection.execute(_CONTESTED_KEYS)
    if not _is_contested(connection):
        [(event_count,)] = connection.execute(
            "select count(*) from stage.staged where outcome = 'event'"
        ).fetchall()
        return Verdict(event_count, 0, 0)
    connection.execute("create or replace temp sequence record_numbers")
    connection.execute(_NUMBERED)
    connection.execute(_CONTENDERS)
    connection.execute(_MOVED)
    [counts] = connection.execute(_VERDICT).fetchall()
    return Verdict(*counts)


def move(connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
    """Puts what was decided into the history, as load `load_id`; returns how much that grew.

    Runs in the caller's transaction.
    """
    if not _is_contested(connection):
        return _uncontested_moved(connection, load_id)
    gone = _changed(connection, _losers_deleted("raw.events", "event", "is_winner"))
    _changed(connection, _losers_deleted("raw.event_id_collisions", "collision", "not is_winner"))
    uncontested = _uncontested_moved(connection, load_id)
    moved = f"{', '.join(EVENT_COLUMNS)}, coalesce(load_id, ?), line_number, event_key"
    winners = _changed(
        connection,
        f"insert into raw.events ({_STORED}) select {moved} from moved where is_winner",
        [load_id],
    )
    _changed(
        connection,
        f"insert into raw.event_id_collisions ({_STORED}, content_md5)"
        f" select {moved}, content_md5 from moved where not is_winner",
        [load_id],
    )
    return uncontested + winners - gone


def _is_contested(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether any id was met more than once: of most files none was, and little is left to do."""
    return bool(connection.execute("select 1 from contested_keys limit 1").fetchall())


def _uncontested_moved(connection: duckdb.DuckDBPyConnection, load_id: int) -> int:
    return _changed(
        connection,
        f"""
        insert into raw.events ({_STORED})
        select {", ".join(EVENT_COLUMNS)}, ?, line_number, event_key
        from stage.staged
        where outcome = 'event' and event_key not in (select event_key from contested_keys)
        """,
        [load_id],
    )


def _losers_deleted(table: str, origin: str, belongs: str) -> str:
    """SQL: deletes the contenders of a table that are not kept, or belong into the other one."""
    return f"""
delete from {table}
where
    rowid in (
        select place
        from contenders
        where origin = '{origin}' and not (is_kept and {belongs})
    )
    and event_key in (select event_key from contested_keys)
"""


def _changed(
    connection: duckdb.DuckDBPyConnection, statement: str, parameters: Sequence[object] = ()
) -> int:
    """How many rows a statement wrote or deleted."""
    [(count,)] = connection.execute(statement, parameters).fetchall()
    return int(count)


def clear(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops what `decide` left."""
    for table in _TABLES:
        connection.execute(f"drop table if exists temp.{table}")
