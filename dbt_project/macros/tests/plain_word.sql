{# A returned row holds a name that is no plain word: a letter, then letters, digits and `_`. #}
{% test plain_word(model, column_name) %}
select {{ column_name }}
from {{ model }}
where not {{ matches(column_name, "'^[a-z][a-z0-9_]*$'") }}
{% endtest %}
