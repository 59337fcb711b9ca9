"""Batch envelopes: lines `{"batch": [...], "sentAt": ...}`, or JSON arrays of messages.

Each message of an envelope is a record. The envelope's `sentAt`, `receivedAt` and `context` hold
for those of its messages that have none; of contexts, the message's own members win.
"""

from __future__ import annotations


def messages_query(envelopes: str) -> str:
    """The messages of `envelopes(line_number, raw_text)`, as `segment.fields_query` reads them."""
    return f"""
with

envelopes as (

    select
        line_number,
        case when starts_with(ltrim(raw_text), '{{') then raw_text else '{{}}' end as envelope,
        case
            when starts_with(ltrim(raw_text), '{{') then json_extract(raw_text, '$.batch[*]')
            else json_extract(raw_text, '$[*]')
        end as messages
    from {envelopes}

),

unnested as (

    select
        line_number,
        unnest(messages) as message,
        generate_subscripts(messages, 1) as position,
        json_extract(envelope, '$.context') as context,
        json_extract_string(envelope, ['$.sentAt', '$.sent_at']) as sent,
        json_extract_string(envelope, ['$.receivedAt', '$.received_at']) as received
    from envelopes

)

select
    line_number,
    case
        when json_type(message) = 'OBJECT' and json_type(context) = 'OBJECT'
            then json_merge_patch('{{"context":' || context || '}}', message)
        else cast(message as varchar)
    end as line,
    cast(null as varchar) as problem,
    cast(position as integer) as position,
    coalesce(sent[1], sent[2]) as envelope_sent_at,
    coalesce(received[1], received[2]) as envelope_received_at
from unnested
"""


MESSAGE_COUNT = """case
            when starts_with(ltrim(raw_text), '{') then json_array_length(raw_text, '$.batch')
            else json_array_length(raw_text)
        end"""
"""SQL: how many messages the envelope `raw_text` holds."""

RECORD = """case
            when
                starts_with(line, '{')
                and coalesce(envelope_sent_at, envelope_received_at) is not null
                then
                    json_merge_patch(
                        json_strip_nulls(
                            json_object(
                                'sentAt', envelope_sent_at, 'receivedAt', envelope_received_at
                            )
                        ),
                        line
                    )
            else line
        end"""
"""SQL: a message of an envelope as it would stand on a line of its own."""
