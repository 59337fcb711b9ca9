{#
Gauss-Jordan elimination of many matrices at once, row by row: (chain_id, state_number, cells) where
the left square of each matrix has become the identity, and what stands right of it its inverse
times what stood there. Each cell is worked out by one subtraction a step and no sum, so neither
order nor threads can change a digit. It takes no search for a pivot: the matrices are diagonally
dominant.

matrices: a relation (chain_id, state_number, cells, state_count), a row of each matrix a row, its
number from 1 to state_count, its cells a list.
#}
{% macro eliminated(matrices) -%}
    with recursive

    reduced (step, chain_id, state_number, state_count, cells) as (
        select
            0 as step,
            chain_id,
            state_number,
            state_count,
            cells
        from {{ matrices }}
        union all
        select
            step + 1 as step,
            chain_id,
            state_number,
            state_count,
            {{ list_less(
                'cells',
                'case when state_number = step + 1 then 1 - 1 / '
                ~ item_at('lead_cells', 'step + 1')
                ~ ' else ' ~ item_at('cells', 'step + 1') ~ ' / '
                ~ item_at('lead_cells', 'step + 1') ~ ' end',
                'lead_cells'
            ) }} as cells
        from (
            select
                *,
                max(case when state_number = step + 1 then cells end) over (
                    partition by chain_id
                ) as lead_cells
            from reduced
            where step < state_count
        ) as led
    )

    select
        chain_id,
        state_number,
        state_count,
        cells
    from reduced
    where step = state_count
{%- endmacro %}
