-- Who may be several people under one name, a test account, or a program?
--
-- One row a person, the most suspicious first, with the numbers that
-- seeds/identity/suspicion_thresholds.csv looks at. `intent explain` shows the evidence
-- for each; what to do stands in seeds/identity/identity_overrides.csv.
with

suspicious as (

    select * from {{ ref('fct_suspicious_people') }}

),

people as (

    select * from {{ ref('dim_people') }}

)

select
    suspicious.suspicion_rank,
    people.full_name,
    people.primary_email,
    people.intent_band,
    suspicious.reasons,
    suspicious.refused_link_count,
    suspicious.device_count,
    suspicious.user_id_count,
    suspicious.address_count,
    suspicious.agent_count,
    suspicious.exclusion_reason,
    suspicious.person_id
from suspicious
inner join people on suspicious.person_id = people.person_id
order by suspicious.suspicion_rank asc
