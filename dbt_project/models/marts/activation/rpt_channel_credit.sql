-- One row a calendar month and channel: what share of the month's conversions would be
-- lost without it, by a Markov chain of the steps that paths took. With N the expected
-- visits of the chain, a path comes by channel c with probability N(start, c) / N(c, c)
-- and converts from there as often as any that is at c: no chain has to be solved once
-- more for each channel. The interval is a jackknife's, which leaves out one sixteenth
-- of the people after the other. A month is worked out again when a count has changed.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='path_month',
        alive_column='channel',
        on_schema_change='fail'
    )
}}

with

all_steps as (

    select * from {{ ref('fct_channel_steps') }}

),

fingerprints as (

    select
        path_month,
        md5({{ joined_in_order(
            "people_sixteenth || from_state || '>' || to_state || step_count || '/'"
            ~ " || path_count || '/' || conversion_count",
            "';'",
            'people_sixteenth, from_state, to_state'
        ) }}) as chain_fingerprint
    from all_steps
    group by path_month

),

{% if is_update() -%}
earlier as (

    select distinct
        path_month,
        chain_fingerprint
    from {{ this }}

),

touched as (

    select coalesce(fingerprints.path_month, earlier.path_month) as path_month
    from fingerprints
    full join earlier on fingerprints.path_month = earlier.path_month
    where
        fingerprints.chain_fingerprint is null
        or earlier.chain_fingerprint is null
        or fingerprints.chain_fingerprint != earlier.chain_fingerprint

),
{% endif %}

steps as (

    select all_steps.*
    from all_steps
    {% if is_update() -%}
    inner join touched on all_steps.path_month = touched.path_month
    {%- endif %}

),

states as (

    select
        to_state as state,
        row_number() over (order by to_state) + 1 as state_number,
        count(*) over () + 1 as state_count
    from steps
    where to_state not in ({{ conversion_state() }}, {{ null_state() }})
    group by to_state

),

all_states as (

    select
        state,
        state_number,
        state_count
    from states
    union all
    select
        {{ start_state() }} as state,
        1 as state_number,
        max(state_count) as state_count
    from states

),

-- of each month one chain of all people, and one without each sixteenth
chains as (

    select distinct
        path_month,
        '' as left_out,
        cast(path_month as varchar) as chain_id
    from steps
    union all
    select distinct
        path_month,
        people_sixteenth as left_out,
        cast(path_month as varchar) || people_sixteenth as chain_id
    from steps

),

counted as (

    select
        chains.chain_id,
        steps.from_state,
        steps.to_state,
        sum(steps.step_count) as step_count
    from chains
    inner join steps
        on
            chains.path_month = steps.path_month
            and chains.left_out != steps.people_sixteenth
    group by
        chains.chain_id,
        steps.from_state,
        steps.to_state

),

probable as (

    select
        *,
        cast(step_count as double)
        / cast(sum(step_count) over (partition by chain_id, from_state) as double)
            as probability
    from counted

),

-- identity less the steps between channels, the identity, the steps to a conversion
cells as (

    select
        chains.chain_id,
        own.state_number,
        own.state_count,
        other.state_number as place,
        case when own.state_number = other.state_number then 1e0 else 0e0 end
        - coalesce(probable.probability, 0e0) as cell
    from chains
    cross join all_states as own
    cross join all_states as other
    left join probable
        on
            chains.chain_id = probable.chain_id
            and own.state = probable.from_state
            and other.state = probable.to_state
    union all
    select
        chains.chain_id,
        own.state_number,
        own.state_count,
        other.state_number + own.state_count as place,
        case when own.state_number = other.state_number then 1e0 else 0e0 end as cell
    from chains
    cross join all_states as own
    cross join all_states as other
    union all
    select
        chains.chain_id,
        own.state_number,
        own.state_count,
        2 * own.state_count + 1 as place,
        coalesce(probable.probability, 0e0) as cell
    from chains
    cross join all_states as own
    left join probable
        on
            chains.chain_id = probable.chain_id
            and own.state = probable.from_state
            and probable.to_state = {{ conversion_state() }}

),

matrices as (

    select
        chain_id,
        state_number,
        state_count,
        {{ list_in_order('cell', 'place') }} as cells
    from cells
    group by
        chain_id,
        state_number,
        state_count

),

solved as (

    {{ eliminated('matrices') | indent(4) }}

),

effects as (

    select
        chains.path_month,
        chains.left_out,
        states.state as channel,
        case
            when {{ item_at('start_row.cells', '2 * states.state_count + 1') }} > 0
                then
                    {{ item_at(
                        'start_row.cells', 'states.state_count + states.state_number'
                    ) }}
                    / {{ item_at(
                        'own_row.cells', 'states.state_count + states.state_number'
                    ) }}
                    * {{ item_at('own_row.cells', '2 * states.state_count + 1') }}
                    / {{ item_at('start_row.cells', '2 * states.state_count + 1') }}
        end as removal_effect
    from chains
    cross join states
    inner join solved as own_row
        on
            chains.chain_id = own_row.chain_id
            and states.state_number = own_row.state_number
    inner join solved as start_row
        on
            chains.chain_id = start_row.chain_id
            and start_row.state_number = 1

),

shared as (

    select
        *,
        removal_effect
        / cast(sum(cast(removal_effect as decimal(38, 20))) over (
            partition by path_month, left_out
        ) as double) as credit
    from effects

),

whole as (

    select * from shared
    where left_out = ''

),

spread as (

    select
        whole.path_month,
        whole.channel,
        case
            -- without a part of the people nobody converts: nothing to tell it by
            when count(*) = count(parts.credit)
                then {{ jackknife_margin('parts.credit - whole.credit') }}
        end as margin
    from whole
    inner join shared as parts
        on
            whole.path_month = parts.path_month
            and whole.channel = parts.channel
            and parts.left_out != ''
    group by
        whole.path_month,
        whole.channel

),

reached as (

    select
        path_month,
        to_state as channel,
        cast(sum(path_count) as bigint) as path_count,
        cast(sum(conversion_count) as bigint) as conversion_count
    from steps
    group by
        path_month,
        to_state

),

judged as (

    select
        reached.path_month,
        reached.channel,
        fingerprints.chain_fingerprint,
        reached.path_count,
        reached.conversion_count,
        whole.removal_effect,
        whole.credit,
        whole.credit * converted.path_count as credited_conversions,
        case
            when spread.margin is not null
                then greatest(whole.credit - spread.margin, 0e0)
        end as credit_low,
        case
            when spread.margin is not null
                then least(whole.credit + spread.margin, 1e0)
        end as credit_high
    from reached
    inner join whole
        on
            reached.path_month = whole.path_month
            and reached.channel = whole.channel
    inner join spread
        on
            reached.path_month = spread.path_month
            and reached.channel = spread.channel
    inner join fingerprints on reached.path_month = fingerprints.path_month
    left join reached as converted
        on
            reached.path_month = converted.path_month
            and converted.channel = {{ conversion_state() }}

)
{% if is_update() %}
select
    touched.path_month,
    judged.channel,
    judged.chain_fingerprint,
    judged.path_count,
    judged.conversion_count,
    judged.removal_effect,
    judged.credit,
    judged.credit_low,
    judged.credit_high,
    judged.credited_conversions
from touched
left join judged on touched.path_month = judged.path_month
{% else %}
select
    path_month,
    channel,
    chain_fingerprint,
    path_count,
    conversion_count,
    removal_effect,
    credit,
    credit_low,
    credit_high,
    credited_conversions
from judged
{% endif %}
