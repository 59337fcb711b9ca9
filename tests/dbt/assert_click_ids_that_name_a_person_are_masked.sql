-- A click id that names a person and that the loader does not mask, or the other way
-- round. Other parameters may be masked without being click ids.
{{ config(tags=['whole_history']) }}

select click_ids.parameter
from {{ ref('click_ids') }} as click_ids
left join {{ ref('masked_url_parameters') }} as masked
    on click_ids.parameter = lower(masked.parameter)
where click_ids.names_person != (masked.parameter is not null)
