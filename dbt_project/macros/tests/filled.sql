{#
A returned row names a column that is null somewhere, and says in how many rows. One test a table
rather than one a column: each test costs dbt as much as a small table.
#}
{% test filled(model, columns) %}
{% for column in columns %}
select
    '{{ column }}' as column_name,
    count(*) as row_count
from {{ model }}
where {{ column }} is null
having count(*) > 0
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endtest %}
