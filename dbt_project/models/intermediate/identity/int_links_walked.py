"""Takes the links of components that exceed a limit in order, and refuses what is too much.

A link is accepted when the two people that it joins, taken together, stay within the limit
of each kind of identifier. Which links are accepted depends on their order alone, and one
decision on all before it, which no set-based query can say; the components that need it
are few.
"""

from collections import Counter


def walk(links, limits):
    """Yields the reason for refusing each link in turn, `<type>_limit`, or None if accepted.

    links: pairs of node ids (`<identifier type>:<identifier>`) in the order of their first
    event. limits: identifiers of each type that one person may have.
    """
    leader = {}
    held = {}

    def find(node_id):
        if node_id not in leader:
            leader[node_id] = node_id
            held[node_id] = Counter([node_id.split(":", 1)[0]])
        while leader[node_id] != node_id:
            leader[node_id] = leader[leader[node_id]]
            node_id = leader[node_id]
        return node_id

    for left_node_id, right_node_id in links:
        left, right = find(left_node_id), find(right_node_id)
        if left == right:
            yield None
            continue
        together = held[left] + held[right]
        exceeded = [kind for kind, maximum in limits.items() if together[kind] > maximum]
        if exceeded:
            yield f"{exceeded[0]}_limit"
            continue
        leader[right] = left
        held[left] = together
        yield None


def model(dbt, session):
    """One row a link of a component over a limit: accepted, or refused with the reason."""
    dbt.config(materialized="table")
    components = dbt.ref("int_nodes_connected").filter("is_over_limit").select("node_id")
    links = (
        dbt.ref("int_links_found")
        .join(components.set_alias("components"), "left_node_id = node_id")
        .order("event_at, event_id, left_node_id, right_node_id")
        .df()
    )
    limits = dict(
        dbt.ref("identity_limits")
        .select("identifier_type, maximum_per_person")
        .order("identifier_type desc")
        .fetchall()
    )
    pairs = zip(links["left_node_id"], links["right_node_id"], strict=True)
    links["refusal_reason"] = list(walk(pairs, limits))
    return links[["left_node_id", "right_node_id", "refusal_reason"]].astype("string")
