-- One row a link between two names that was asked for, by an event or by a person, and
-- refused.
with

links as (

    select * from {{ ref('int_links_decided') }}
    where not is_accepted

)

select
    link_type,
    {{ node_type('left_node_id') }} as left_identifier_type,
    {{ node_name('left_node_id') }} as left_identifier,
    {{ node_type('right_node_id') }} as right_identifier_type,
    {{ node_name('right_node_id') }} as right_identifier,
    refusal_reason as reason,
    event_id,
    event_at
from links
