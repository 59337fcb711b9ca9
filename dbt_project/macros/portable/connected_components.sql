{#
Plain connected components: the node of each component that sorts first labels it.

Every node hooks itself, and the node that labels it, to the smallest label among its
neighbours' neighbours (FastSV: Zhang, Azad and Hu, 2020), so that a chain of n links takes
about log n rounds; carrying a label one link a round would take n.

links: a relation (left_node_id, right_node_id), any direction, once each.
Yields (node_id, component_id) for every node of a link.
#}
{% macro connected_components(links) -%}
    {{ return(adapter.dispatch('connected_components')(links)) }}
{%- endmacro %}

{% macro default__connected_components(links) -%}
    with recursive

    edges as (
        select
            left_node_id as node_id,
            right_node_id as neighbour_id
        from {{ links }}
        union all
        select
            right_node_id as node_id,
            left_node_id as neighbour_id
        from {{ links }}
    ),

    labels (node_id, component_id) using key (node_id) as (
        select distinct
            node_id,
            node_id as component_id
        from edges
        union
        (
            with grandparents as (
                select
                    child.node_id,
                    child.component_id as parent_id,
                    parent.component_id as grandparent_id
                from recurring.labels as child
                inner join recurring.labels as parent
                    on child.component_id = parent.node_id
            ),

            offers as (
                select
                    own.node_id,
                    own.parent_id,
                    other.grandparent_id as offer
                from edges
                inner join grandparents as own on edges.node_id = own.node_id
                inner join grandparents as other on edges.neighbour_id = other.node_id
            ),

            best_offers as (
                select
                    node_id,
                    min(offer) as component_id
                from (
                    select node_id, offer from offers
                    union all
                    select parent_id as node_id, offer from offers
                    union all
                    select node_id, grandparent_id as offer from grandparents
                )
                group by node_id
            )

            select
                best_offers.node_id,
                best_offers.component_id
            from best_offers
            inner join recurring.labels as known
                on best_offers.node_id = known.node_id
            where best_offers.component_id < known.component_id
        )
    )

    select
        node_id,
        component_id
    from labels
{%- endmacro %}
