{# A returned row is a combination of values that more than one row has; nulls are equal. #}
{% test unique_together(model, columns) %}
select
    {{ columns | join(',\n    ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
