-- A returned row is the event that asks for a report, where the seed email_properties
-- does not have it with the property `email`: the address that it brings would be of no
-- class, link nobody, and qualify nobody. Add the line.
select steps.event_name
from {{ ref('lead_magnet_steps') }} as steps
left join {{ ref('email_properties') }} as email_properties
    on
        steps.event_name = email_properties.event_name
        and email_properties.property = 'email'
where
    steps.step = {{ request_step() }}
    and email_properties.event_name is null
