-- One row a sentence that says what went well or did not, by the seed headlines: the
-- most important three of each tone.
with

figures as (

    select * from {{ ref('rpt_overview_figures') }}

),

moves as (

    select * from {{ ref('rpt_overview_moves') }}
    where
        entity_type = 'account'
        and move_rank = 1

),

periods as (

    select * from {{ ref('dim_report_periods') }}
    where period = 'recent'

),

rules as (

    select * from {{ ref('headlines') }}

),

spent as (

    select * from figures
    where figure = 'cost'

),

channels as (

    select
        subject,
        current_value,
        earlier_value,
        row_number() over (
            order by current_value - earlier_value desc, subject asc
        ) as rise_rank,
        row_number() over (
            order by current_value - earlier_value asc, subject asc
        ) as fall_rank
    from figures
    where figure = 'channel_sessions'

),

campaigns as (

    select * from {{ ref('rpt_overview_campaigns') }}

),

-- an amount in a currency without a rate cannot be set against anything: while there is
-- one, nothing is said of what all ads cost together
ads as (

    select
        sum(value) as value,
        sum(cost) as cost
    from campaigns
    having bool_and(is_whole)

),

unrated_spend as (

    select spend.currency
    from {{ ref('fct_ad_spend') }} as spend
    inner join {{ ref('dim_report_periods') }} as report_periods
        on
            spend.spend_date
            between report_periods.first_date and report_periods.last_date
    where
        spend.reported_currency != {{ reporting_currency() }}
        and spend.cost > 0

),

-- by whatever channel: a channel of one's own may ask for a page, which no ad has
converted as (

    select distinct
        source,
        medium,
        campaign
    from {{ ref('rpt_campaigns') }}
    where
        period = 'recent'
        and model = '{{ var('overview_model') }}'
        and conversion_count > 0

),

wasted as (

    select
        campaigns.cost,
        campaigns.source || ' / ' || campaigns.medium || ' / ' || campaigns.campaign
            as subject
    from campaigns
    left join converted
        on
            campaigns.source = converted.source
            and campaigns.medium = converted.medium
            and campaigns.campaign = converted.campaign
    where
        campaigns.is_whole
        and converted.source is null
    qualify row_number() over (order by campaigns.campaign_rank) = 1

),

candidates as (

    select
        figure as headline_id,
        subject,
        current_value,
        earlier_value
    from figures
    where
        figure in ('days_behind', 'conversions', 'sessions', 'ready_accounts')
        and (current_value > 0 or earlier_value > 0)
    union all
    select
        'channel_rise' as headline_id,
        subject,
        current_value,
        earlier_value
    from channels
    where
        rise_rank = 1
        and current_value > earlier_value
    union all
    select
        'channel_fall' as headline_id,
        subject,
        current_value,
        earlier_value
    from channels
    where
        fall_rank = 1
        and current_value < earlier_value
    union all
    select
        case when is_rise then 'account_rise' else 'account_fall' end as headline_id,
        entity_name as subject,
        shown_score as current_value,
        shown_score_before as earlier_value
    from moves
    union all
    -- what ads are credited with, against what they cost; where conversions have values
    select
        'return_on_spend' as headline_id,
        'all' as subject,
        ads.value as current_value,
        ads.cost as earlier_value
    from figures as worth
    inner join ads on worth.figure = 'value'
    where
        worth.current_value > 0
        and ads.cost > 0
    union all
    select
        'cost_per_conversion' as headline_id,
        'all' as subject,
        {{ ratio('spent.current_value', 'conversions.current_value', 'true') }}
            as current_value,
        {{ ratio('spent.earlier_value', 'conversions.earlier_value', 'true') }}
            as earlier_value
    from figures as conversions
    inner join spent on conversions.figure = 'conversions'
    where
        conversions.current_value > 0
        and conversions.earlier_value > 0
        and spent.current_value > 0
        and spent.earlier_value > 0
        and not exists (select 1 from unrated_spend)
    union all
    select
        'spend_wasted' as headline_id,
        subject,
        cost as current_value,
        0 as earlier_value
    from wasted

),

measured as (

    select
        candidates.headline_id,
        candidates.subject,
        candidates.earlier_value as exact_earlier_value,
        {{ whole_amount('candidates.current_value') }} as current_value,
        {{ whole_amount('candidates.earlier_value') }} as earlier_value,
        {{ whole_amount('abs(candidates.current_value - candidates.earlier_value)') }}
            as difference,
        candidates.current_value - candidates.earlier_value as exact_change,
        case
            when candidates.earlier_value > 0
                then {{ whole_amount(
                    '100e0 * cast(abs('
                    'candidates.current_value - candidates.earlier_value) as double)'
                    ' / cast(candidates.earlier_value as double)'
                ) | indent(20) }}
        end as percent_moved
    from candidates

),

judged as (

    select
        measured.*,
        rules.priority,
        rules.is_more_good,
        rules.words_more,
        rules.words_from_none,
        rules.words_fewer,
        rules.words_same,
        case
            when
                measured.difference < rules.minimum_count
                or abs(measured.exact_change) * 100
                < rules.minimum_percent * measured.exact_earlier_value
                then 'same'
            when measured.exact_change > 0 then 'more'
            else 'fewer'
        end as direction
    from measured
    inner join rules on measured.headline_id = rules.headline_id

),

worded as (

    select
        *,
        case direction
            when 'more'
                then
                    case
                        when earlier_value = 0 and words_from_none is not null
                            then words_from_none
                        else words_more
                    end
            when 'fewer' then words_fewer
            else words_same
        end as wording,
        case
            when direction = 'same' then 'even'
            when (direction = 'more') = is_more_good then 'good'
            else 'bad'
        end as tone
    from judged

),

-- the subject last: it is somebody else's text, and may itself hold a placeholder
told as (

    select
        worded.headline_id,
        worded.tone,
        worded.priority,
        {%- set words = namespace(sql='worded.wording') %}
        {%- for placeholder, value in {
            'now': grouped_digits('worded.current_value'),
            'before': grouped_digits('worded.earlier_value'),
            'difference': grouped_digits('worded.difference'),
            'percent': 'coalesce(' ~ grouped_digits('worded.percent_moved') ~ ", '')",
            'unit': reporting_currency(),
            'days': "'" ~ var('recent_days') ~ "'",
            'subject': 'worded.subject',
        }.items() %}
            {%- set words.sql = (
                'replace(\n            ' ~ words.sql ~ ", '{" ~ placeholder ~ "}', " ~ value ~ ')'
            ) %}
        {%- endfor %}
        {{ words.sql }} as sentence,
        worded.subject,
        worded.current_value,
        worded.earlier_value,
        periods.as_of_date,
        row_number() over (
            partition by worded.tone order by worded.priority, worded.headline_id
        ) as tone_rank
    from worded
    cross join periods
    where worded.wording is not null

)

select
    headline_id,
    tone,
    sentence,
    subject,
    current_value,
    earlier_value,
    as_of_date,
    row_number() over (order by priority, headline_id) as headline_rank
from told
where tone_rank <= 3
