{# A returned row holds a value outside the range; both ends belong to it, and null passes. #}
{% test between(model, column_name, minimum, maximum) %}
select {{ column_name }}
from {{ model }}
where not {{ column_name }} between {{ minimum }} and {{ maximum }}
{% endtest %}
