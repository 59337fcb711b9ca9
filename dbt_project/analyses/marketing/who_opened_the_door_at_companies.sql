-- Did the person who converted come first, or did a colleague?
--
-- One row a channel by which a company came first, in the look-back before a conversion
-- of one of its people. `by_a_colleague_count` are those before whom somebody else had
-- come: fct_attribution, which knows the person alone, credits another session.
with

first_touches as (

    select
        channel,
        session_person_id is not null and session_person_id != person_id
            as is_by_a_colleague
    from {{ ref('fct_account_attribution') }}
    where model = 'first'

)

select
    channel,
    count(*) as conversion_count,
    count(*) filter (where is_by_a_colleague) as by_a_colleague_count,
    count(*) filter (where is_by_a_colleague) / count(*) as by_a_colleague_share
from first_touches
group by channel
order by
    conversion_count desc,
    channel asc
