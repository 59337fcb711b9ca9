-- One row a person with an address: the one to write to. Only addresses on the person's
-- own events, and of the person's own component, count; a shared or throw-away address,
-- which links nobody, counts where it came together with a user id.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace',
        unique_key='person_id',
        of_people=true
    )
}}

with

{{ slices_of_touched_cte() }}

events as (

    select * from {{ ref('int_names_told') }}
    where email is not null

),

nodes as (

    select * from {{ ref('int_nodes_owned') }}
    where
        not is_gone
        and identifier_type = 'email'

),

addresses as (

    select
        slices.person_id,
        nodes.identifier as email,
        nodes.email_domain,
        nodes.registrable_domain,
        nodes.email_class,
        row_number() over (
            partition by slices.person_id
            order by
                nodes.email_class = 'business' desc,
                events.event_at desc,
                events.event_id desc
        ) as preference,
        bool_or(nodes.email_class = 'internal') over one_person as has_internal,
        bool_and(nodes.email_class = 'disposable') over one_person
            as has_only_disposable
    from events
    inner join slices on events.slice_id = slices.slice_id
    inner join nodes on events.email = nodes.identifier
    where
        nodes.person_id = slices.person_id
        or (not nodes.is_linkable and events.has_user_id)
    window one_person as (partition by slices.person_id)

)

select
    person_id,
    email as primary_email,
    email_domain,
    registrable_domain,
    email_class,
    has_internal,
    has_only_disposable
from addresses
where preference = 1
