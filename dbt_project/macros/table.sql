{#
A table takes the place of the one before it in one transaction, and under its own name. dbt-duckdb
builds it beside under another, renames both and drops the old one after its commit: of small tables,
which most are, that is two fifths of the time, and a kill before the drop leaves the old one behind.
#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}

    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing_relation is not none -%}
        {%- call statement('drop_existing') -%}
            drop {{ existing_relation.type }} if exists {{ existing_relation }}
        {%- endcall -%}
    {%- endif -%}
    {%- call statement('main', language=model['language']) -%}
        {{ create_table_as(False, target_relation, compiled_code, model['language']) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}

    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
