"""The leads of a CRM that nobody has seen on the site: they stand in the list of people, with 0.

They are read from `dim_leads` here, since no other table has them. Left out are addresses of the
company's own and throw-away ones, as people with such an address are; an address that is in the
list already, that of a mailbox which somebody shares; and one at which nobody is but who is
excluded.
"""

from __future__ import annotations

from orchestration.exports.columns import BANDS

UNSEEN = "Not seen on the site yet"
"""Why the score of such a lead is 0."""
NAMED = "No visit of its own yet"
"""The same of an address that events name, and that is nobody's own: a mailbox that several
share."""

PEOPLE_AND_LEADS = f"""(
    select * from marts.sync_people
    union all by name
    select
        leads.email,
        leads.full_name,
        leads.job_title,
        coalesce(leads.company_name, accounts.company_name) as company_name,
        leads.account_domain,
        '{BANDS[0]}' as intent_band,
        0 as intent_score,
        0 as score_change_7d,
        case
            when leads.email in (
                select named.identifier
                from marts.map_identities as named
                where named.identifier_type = 'email'
            ) then '{NAMED}'
            else '{UNSEEN}'
        end as why,
        0 as session_count,
        cast(floor(round(accounts.account_score, 9)) as bigint) as account_score,
        accounts.account_band,
        leads.owner,
        leads.stage,
        leads.flags,
        leads.can_email,
        leads.is_customer,
        (select max_by(as_of_date, published_at) from ops.refreshes) as as_of_date
    from marts.dim_leads as leads
    left join marts.dim_accounts as accounts on leads.account_id = accounts.account_id
    where
        not leads.is_seen
        and leads.email_class not in ('internal', 'disposable')
        and leads.email not in (select people.email from marts.sync_people as people)
        and leads.email not in (
            select people.primary_email
            from marts.dim_people as people
            where people.exclusion_reason is not null and people.primary_email is not null
        )
)"""
"""The relation behind the list of people: columns as in `sync_people`."""
