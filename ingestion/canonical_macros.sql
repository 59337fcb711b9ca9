-- The rules of a canonical column, one macro each. Temporary: nothing of them stays in the file.
-- The session's time zone is UTC, so a time without an offset is UTC. The characters that
-- leave no mark, and those that do, are put into clean_text by `ingestion.rules`.

-- Trimmed; blank is null. A look at both ends costs less than a trim that finds nothing: text from !
-- up to ~ begins with a visible character. Nulls go first, and the empty text, as a page without
-- a referrer has it, goes before the trim, since both are frequent.
create or replace temp macro clean_text(given) as
    case
        when given is null then null
        when
            given::varchar between '!' and '~'
            and contains({visible}, substring(given, -1))
            then given
        when given = '' then null
        else nullif(trim(given, {white_space}), '')
    end;

-- A time beyond these bounds is a broken clock or a placeholder (1970-01-01, 0001-01-01).
create or replace temp macro plausible_time(given) as
    case when given > timestamp '1970-01-01' and given < timestamp '2200-01-01' then given end;

create or replace temp macro iso_time(given) as
    -- a third of the cost of `at time zone`; null for infinity
    make_timestamp(epoch_us(try_cast(given as timestamptz)));

-- Lower-case t and z, and a blank before the offset, which the cast does not take.
create or replace temp macro loose_iso_time(given) as
    iso_time(regexp_replace(upper(given), '\s+([+-]\d|Z)', '\1'));

-- Seconds, milliseconds or microseconds since 1970, told apart by their digits.
create or replace temp macro epoch_time(given) as
    case
        when regexp_full_match(given, '\d{9,10}(\.\d+)?')
            then make_timestamp(cast(try_cast(given as decimal(28, 9)) * 1000000 as bigint))
        when regexp_full_match(given, '\d{12,13}(\.\d+)?')
            then make_timestamp(cast(try_cast(given as decimal(28, 9)) * 1000 as bigint))
        when regexp_full_match(given, '\d{15,16}')
            then make_timestamp(cast(given as bigint))
    end;

create or replace temp macro utc_time(given) as
    plausible_time(coalesce(iso_time(given), loose_iso_time(given), epoch_time(given)));

-- One @, no white space, a dot in the domain, a local part.
create or replace temp macro valid_email(given) as
    case
        when regexp_full_match(clean_text(given), '[^@\s\pZ]+@[^@\s\pZ]+\.[^@\s\pZ]+')
            then lower(clean_text(given))
    end;

-- Keys sorted at all depths, no white space, no null members; an empty object is null. As text, since
-- a case that has both text and JSON parses all of the text.
create or replace temp macro canonical_object(given) as
    nullif(
        json_normalize(
            case
                when contains(given, 'null') then cast(json_strip_nulls(given) as varchar)
                else cast(given as varchar)
            end
        ),
        '{}'
    );

create or replace temp macro hextet(given) as
    case when ltrim(lower(given), '0') = '' then '0' else ltrim(lower(given), '0') end;

-- The eight groups of an IPv6 address, its :: written out.
create or replace temp macro hextets(given) as
    case
        when not contains(given, '::') then string_split(given, ':')
        else
            list_filter(string_split(split_part(given, '::', 1), ':'), lambda part: part <> '')
            || list_transform(
                range(
                    8
                    - len(list_filter(string_split(given, ':'), lambda part: part <> ''))
                ),
                lambda part: '0'
            )
            || list_filter(string_split(split_part(given, '::', 2), ':'), lambda part: part <> '')
    end;

create or replace temp macro ipv4_prefix(given) as
    nullif(
        regexp_extract(
            given,
            '^\s*(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}\s*(?:,|$)',
            1,
            'i'
        ),
        ''
    )
    || '.0/24';

-- Eight groups, or fewer about a ::, and not the six of a hardware address.
create or replace temp macro ipv6_prefix(given) as
    case
        when
            regexp_full_match(given, '[0-9a-f:]*::[0-9a-f:]*|([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}', 'i')
            then
                regexp_replace(
                    array_to_string(
                        list_transform(hextets(given)[:3], lambda part: hextet(part)), ':'
                    ),
                    '^0(:0)*$|(:0)+$',
                    ''
                )
                || '::/48'
    end;

-- /24 of an IPv4 address, /48 of an IPv6 one, the first of a forwarding list; null where unreadable.
create or replace temp macro address_prefix(given) as
    coalesce(
        ipv4_prefix(given),
        -- in a list of one, since what stands twice would be worked out for the others too
        case
            when contains(given, ':')
                then
                    list_transform(
                        [trim(split_part(given, ',', 1))],
                        lambda address: ipv6_prefix(address)
                    )[1]
        end
    );

create or replace temp macro consent_word(given) as
    case
        when lower(clean_text(given)) in ('false', 'denied', 'no', '0') then 'denied'
        when lower(clean_text(given)) in ('true', 'granted', 'yes', '1') then 'granted'
    end;
