-- On which pages do people arrive who convert, at once or later?
--
-- One row a class of entry page, over all months. `converting_rate` is the share of
-- sessions that converted there and then; `led_conversions_per_100_sessions` counts
-- the conversions for which such a session was the first step within the look-back,
-- whenever they came. A blog that converts nobody at once may still lead.
select
    entry_page_class,
    cast(sum(session_count) as bigint) as session_count,
    cast(sum(led_conversion_count) as bigint) as led_conversion_count,
    sum(converting_session_count) / sum(session_count) as converting_rate,
    round(100 * sum(led_conversion_count) / sum(session_count), 2)
        as led_conversions_per_100_sessions
from {{ ref('fct_entry_conversions') }}
group by entry_page_class
order by
    led_conversion_count desc,
    session_count desc,
    entry_page_class asc
