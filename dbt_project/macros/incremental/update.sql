{#
How a model is brought up to date. Progress is counted in loads: a refresh takes a number of its
own from their sequence (`raw.refresh_settings`), above all loads before it and below all after it.
Each model keeps its own mark, the number of the refresh that built it last, written in the
transaction that writes its rows. Killed before its commit it has neither, after it both.

A table that others go by keeps what it replaces: the old row stays, with `is_gone`, and both carry
the load of the change. So what a reader of it has to look at again, the old places as well as the
new, is in one place: the rows of loads after the reader's own mark. Rows that are gone go for good
once every model has seen them.
#}

{#
Whether the model is brought up to date, from its own rows and what has changed; else it is built
from everything. While the project is parsed it is, since that SQL has all references. `assume_built`
is for who wants to see it without having the tables.
#}
{% macro is_update() -%}
    {{ return(not execute or var('assume_built', false) or is_incremental()) }}
{%- endmacro %}


{# The table of marks in the file that the relation lies in: no transaction spans two files. #}
{% macro marks_beside(relation) -%}
    "{{ relation.database }}"."ops"."model_marks"
{%- endmacro %}


{# The load up to which the model is built. #}
{% macro mark_of(relation) -%}
    (
        select coalesce(max(marks.load_id), 0)
        from {{ marks_beside(relation) }} as marks
        where marks.model_name = '{{ relation.identifier }}'
    )
{%- endmacro %}


{# The number of this refresh: all loads before it are its business. #}
{% macro this_load() -%}
    (select refreshes.load_id from {{ ref('int_refreshes_numbered') }} as refreshes)
{%- endmacro %}


{# Run before the models: the tables that marks are kept in. #}
{% macro make_room_for_marks() -%}
    {%- for database in [target.database, 'published'] %}
        create schema if not exists "{{ database }}"."ops";
        create table if not exists "{{ database }}"."ops"."model_marks" (
            model_name varchar not null,
            load_id bigint not null
        );
        comment on table "{{ database }}"."ops"."model_marks" is
            'One row a kept model of this file: how far it is built.';
        comment on column "{{ database }}"."ops"."model_marks"."model_name" is 'The model.';
        comment on column "{{ database }}"."ops"."model_marks"."load_id" is
            'Number of the refresh that built it last: all loads before it are in.';
    {%- endfor %}
{%- endmacro %}


{# Run after each model that is kept, in its transaction. #}
{% macro mark_built(relation, materialized) -%}
    {%- if materialized == 'incremental' -%}
        {#- by its name: a hook's reference is none of the model's -#}
        {%- set settings = '"' ~ target.database ~ '"."raw"."refresh_settings"' -%}
        {{ mark_sql(
            marks_beside(relation), relation.identifier,
            '(select last_load_id from ' ~ settings ~ ')'
        ) }}
    {%- endif -%}
{%- endmacro %}


{% macro mark_sql(marks, name, load) -%}
    delete from {{ marks }} where model_name = '{{ name }}';
    insert into {{ marks }} (model_name, load_id) values ('{{ name }}', {{ load }});
{%- endmacro %}


{# The load up to which every model has seen everything. #}
{% macro seen_by_all() -%}
    (
        select coalesce(min(marks.load_id), 0)
        from (
            select load_id from "{{ target.database }}"."ops"."model_marks"
            union all
            select load_id from "published"."ops"."model_marks"
        ) as marks
    )
{%- endmacro %}


{#
The strategy of the kept models: the model's rows take the place of all that have their keys.

Whose rows may be no more says how that is known. Either the model counts what stands in one other
table (`counted_from`), where its keys are columns too: then all keys go that have changed there.
Or it says something of people (`of_people`): then those go who are touched (`touched_people`).
Or it gives a key that is gone as a row of nothing but the key: `alive_column`, which no real row
lacks, is null.

keeps_gone: the table keeps what it replaces; the model says so row by row, in `is_gone`.
carried: steps of {from, columns}: columns that change by themselves, as a score does from day to
day, are written where they differ, so that the rest of the row need not be. They are those of the
row of `from` that has the key; a row whose key is not there has those of `otherwise`, a table of
one row. Or columns maps them to SQL of `target`, which is the row as it stands, and `source`, which
is the row of `from` that belongs to it (`on`); a row to which none does goes. Without `from` they
are SQL of the table itself, as a rank is.
same_for_all: {from, columns}: columns that have one value in all rows, from a table of one row.
#}
{% macro get_incremental_replace_sql(arguments) -%}
    {%- set keys = arguments['unique_key'] -%}
    {%- set counted_from = config.get('counted_from') -%}
    {{ replace_sql(
        target=arguments['target_relation'],
        rows=arguments['temp_relation'],
        keys=[keys] if keys is string else keys,
        columns=arguments['dest_columns'] | map(attribute='name') | list,
        touched=(
            changed_in(ref(counted_from), arguments['target_relation']) if counted_from
            else '(' ~ touched_people(arguments['target_relation']) ~ ')' if config.get('of_people')
        ),
        alive_column=config.get('alive_column'),
        seen=seen_by_all() if config.get('keeps_gone')
    ) }}
    {%- for carried in config.get('carried') or [] %}
    {{ carry_sql(arguments['target_relation'], carried, keys) }}
    {%- endfor -%}
    {%- set same = config.get('same_for_all') -%}
    {%- if same %}
    {{ same_sql(arguments['target_relation'], ref(same['from']), same['columns']) }}
    {%- endif -%}
{%- endmacro %}


{# The rows of a kept table that have changed since `reader` was built. #}
{% macro changed_in(relation, reader) -%}
    (select * from {{ relation }} where load_id > {{ mark_of(reader) }})
{%- endmacro %}


{# The people of whom something may be otherwise since `reader` was built. #}
{% macro touched_people(reader) -%}
    select distinct person_id
    from {{ ref('int_people_touched') }}
    where load_id > {{ mark_of(reader) }}
{%- endmacro %}


{# The same as an import CTE of a model that is kept by person. #}
{% macro touched_cte() -%}
    touched as (

        {{ touched_people(this) | indent(4) }}

    ),
{%- endmacro %}


{#
The slices that a model kept by person works on, as an import CTE: of whoever is touched, else all.
While the project is parsed it has both references, and that by which rows go (`of_people`).
#}
{% macro slices_of_touched_cte() -%}
    {%- if not execute -%}
        {%- do ref('int_slices_owned') -%}
        {%- do ref('int_people_touched') -%}
    {%- endif -%}
    slices as (

        {% if is_update() -%}
        select * from {{ ref('int_slices_touched') }}
        where load_id > {{ mark_of(this) }}
        {%- else -%}
        select * from {{ ref('int_slices_owned') }}
        where not is_gone
        {%- endif %}

    ),
{%- endmacro %}


{#
Whose slices those of a CTE are, as an import CTE `slices`: most are of people touched, of whom there
are few; what is left, on most days nothing, is looked for among all.
#}
{% macro owners_of_slices_ctes(cte, column='slice_id') -%}
    {% if is_update() -%}
    slices_elsewhere as (

        select {{ cte }}.{{ column }} as slice_id
        from {{ cte }}
        where
            {{ cte }}.{{ column }} not in (
                select touched_slices.slice_id
                from {{ ref('int_slices_touched') }} as touched_slices
            )

    ),

    few_elsewhere as (

        {{ few_of('slice_id', 'slices_elsewhere') }}

    ),

    slices as (

        select
            slice_id,
            person_id
        from {{ ref('int_slices_touched') }}
        union all
        select
            slices.slice_id,
            slices.person_id
        from {{ ref('int_slices_owned') }} as slices
        inner join few_elsewhere on slices.slice_id = few_elsewhere.slice_id
        where not slices.is_gone

    ),
    {%- else -%}
    slices as (

        select
            slice_id,
            person_id
        from {{ ref('int_slices_owned') }}
        where not is_gone

    ),
    {%- endif %}
{%- endmacro %}


{#
What a model that is kept by session works on: those in which an event came, went or moved, each with
the day of its first event, by which its events are found in a part of the table.
#}
{% macro touched_sessions_cte() -%}
    touched as (

        select distinct
            session_date,
            session_id
        from {{ ref('int_events_placed') }}
        where
            load_id > {{ mark_of(this) }}
            and session_id is not null

    ),
{%- endmacro %}


{#
Slices that were another person's or otherwise named when `this` was built, as an import CTE.
#}
{% macro handed_over_cte() -%}
    handed_over as {{ computed_first() }} (

        select distinct
            slice_id,
            visitor_id
        from {{ ref('int_slices_owned') }}
        where
            is_gone
            and load_id > {{ mark_of(this) }}

    ),
{%- endmacro %}


{#
The same, and the days of those that are there still: a new slice has events that were placed just
now. As import CTEs of a model of events.
#}
{% macro slices_handed_over_ctes() -%}
    {{ handed_over_cte() }}

    days_handed_over as {{ computed_first() }} (

        select distinct event_date
        from {{ ref('int_slice_days_counted') }}
        where slice_id in (select handed_over.slice_id from handed_over)

    ),
{%- endmacro %}


{#
Whose rows go is laid aside first: how many they are is known then, and the few are looked for among
the many. A table that keeps what it replaces is told with each row that goes, so that what is new
need not be looked for in it at all.
#}
{% macro replace_sql(target, rows, keys, columns, touched=none, alive_column=none, seen=none) -%}
    create or replace temp table touched_keys as
    select distinct {{ keys | join(', ') }}
    from {{ touched or rows }} as touched
    {%- if seen %}
    where is_gone
    {%- endif %};
    {%- if seen %}
    delete from {{ target }}
    where
        is_gone
        and load_id <= {{ seen }};
    {%- endif %}
    delete from {{ target }}
    where
        {%- if seen %}
        not is_gone
        and
        {%- endif %}
        ({{ keys | join(', ') }}) in (
            select {{ keys | join(', ') }} from touched_keys
        );
    insert into {{ target }} ({{ columns | join(', ') }})
    select {{ columns | join(', ') }}
    from {{ rows }}
    {%- if alive_column %}
    where {{ alive_column }} is not null
    {%- endif %};
{%- endmacro %}


{#
DuckDB's update by a join; Spark says it with `merge into`. What differs is found first and laid in
the order of the rows: an update that comes to them in any other takes ten times as long.
#}
{% macro carry_sql(target, carried, unique_key) -%}
    {%- set source = carried.get('from') -%}
    {%- set otherwise = carried.get('otherwise') -%}
    {%- set goes = source and not otherwise -%}
    {%- set key = unique_key if unique_key is string else unique_key[0] -%}
    {%- set columns = carried['columns'] -%}
    create or replace temp table carried_rows as
    with

    compared as (

        select
            {%- for column in columns %}
            target.{{ column }} as standing_{{ column }},
            {%- if columns is mapping %}
            {{ columns[column] }} as {{ column }},
            {%- else %}
            coalesce(source.{{ column }}, otherwise.{{ column }}) as {{ column }},
            {%- endif %}
            {%- endfor %}
            {%- if goes %}
            source.{{ key }} is null as is_gone,
            {%- endif %}
            target.rowid as row_number
        from {{ target }} as target
        {%- if source %}
        left join {{ ref(source) }} as source
            on {{ carried.get('on', 'target.' ~ key ~ ' = source.' ~ key) }}
        {%- endif %}
        {%- if otherwise %}
        cross join {{ ref(otherwise) }} as otherwise
        {%- endif %}

    )

    select
        {{ columns | join(', ') }},
        {{ 'is_gone,' if goes }}
        row_number
    from compared
    where
        {%- for column in columns %}
        {{ 'or ' if not loop.first }}standing_{{ column }} is distinct from {{ column }}
        {%- endfor %}
        {{ 'or is_gone' if goes }}
    order by row_number;
    {%- if goes %}
    delete from {{ target }}
    where rowid in (select row_number from carried_rows where is_gone);
    {%- endif %}
    update {{ target }} as target
    set {% for column in columns -%}
        {{ column }} = carried.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor %}
    from carried_rows as carried
    where target.rowid = carried.row_number;
{%- endmacro %}


{% macro same_sql(target, source, columns) -%}
    {%- for column in columns %}
    update {{ target }}
    set {{ column }} = (select {{ column }} from {{ source }})
    where {{ column }} is distinct from (select {{ column }} from {{ source }});
    {%- endfor %}
{%- endmacro %}
