-- A returned row is a line of seeds/flags/mail_words.csv that speaks of a box that no
-- form of an offer has: they have one, `marketing_consent`, and unticked it allows no
-- mail. Another would be taken for it.
select
    name,
    refuses_when
from {{ ref('mail_words') }}
where
    said_in = 'form'
    and (name != 'marketing_consent' or refuses_when)
