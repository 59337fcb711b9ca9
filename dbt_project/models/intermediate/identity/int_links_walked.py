"""Takes the links of components that hold a conflict in order, and refuses what is too much.

A link is accepted when the two people that it joins, taken together, hold no two names that
a person has said are not one, and stay within the limit of each kind of identifier. Which
links are accepted depends on their order alone, and one decision on all before it, which no
set-based query can say; the components that need it are few.
"""

from collections import Counter

FORBIDDEN = "forbidden_pair"


class People:
    """Who is one person so far. Nodes are `<identifier type>:<identifier>`."""

    def __init__(self, limits, forbidden):
        """limits: identifiers of each type for one person. forbidden: pairs kept apart."""
        self.limits = limits
        self.leader = {}
        self.held = {}
        self.foes = {}
        for one, other in forbidden:
            self.foes.setdefault(one, set()).add(other)
            self.foes.setdefault(other, set()).add(one)

    def find(self, node_id):
        """The node that stands for the whole person."""
        if node_id not in self.leader:
            self.leader[node_id] = node_id
            self.held[node_id] = Counter([node_id.split(":", 1)[0]])
        while self.leader[node_id] != node_id:
            self.leader[node_id] = self.leader[self.leader[node_id]]
            node_id = self.leader[node_id]
        return node_id

    def join(self, left_node_id, right_node_id, *, is_forced):
        """The reason for refusing a link: `forbidden_pair`, `<type>_limit`; None if accepted."""
        left, right = self.find(left_node_id), self.find(right_node_id)
        if left == right:
            return None
        if any(self.find(foe) == right for foe in self.foes.get(left, ())):
            return FORBIDDEN
        together = self.held[left] + self.held[right]
        exceeded = [kind for kind, most in self.limits.items() if together[kind] > most]
        if exceeded and not is_forced:
            return f"{exceeded[0]}_limit"
        self.leader[right] = left
        self.held[left] = together
        self.foes.setdefault(left, set()).update(self.foes.get(right, ()))
        return None


def place(link):
    """Where a forced link stands among them: user ids before addresses, then by name."""
    pair = (node_id.split(":", 1) for node_id in link)
    return sorted((kind != "user_id", identifier) for kind, identifier in pair)


def model(dbt, session):
    """One row a link of a component with a conflict: accepted, or refused with the reason."""
    dbt.config(materialized="table")
    components = dbt.ref("int_nodes_connected").filter("has_conflict").select("node_id")
    components = components.set_alias("components")
    links = (
        dbt.ref("int_links_found")
        .join(components, "left_node_id = node_id")
        .order("event_at, event_id, left_node_id, right_node_id")
        .select("left_node_id, right_node_id, link_type")
        .fetchall()
    )
    overrides = dbt.ref("int_overrides_read").join(components, "left_node_id = node_id")
    pairs = "left_node_id, right_node_id"
    forced = sorted(overrides.filter("is_forced").select(pairs).fetchall(), key=place)
    forbidden = overrides.filter("not is_forced").select(pairs).fetchall()
    limits = dict(
        dbt.ref("identity_limits")
        .select("identifier_type, maximum_per_person")
        .order("identifier_type desc")
        .fetchall()
    )
    people = People(limits, forbidden)
    ordered = [*((left, right, "override") for left, right in forced), *links]
    walked = [
        (left, right, link_type, people.join(left, right, is_forced=link_type == "override"))
        for left, right, link_type in ordered
    ]
    columns = ("left_node_id", "right_node_id", "link_type", "refusal_reason")
    # handed over as DuckDB's own rows: a data frame would cost the import of its library
    return session.sql(
        f"select unnest(?::struct({' varchar, '.join(columns)} varchar)[], max_depth := 2)",
        params=[[dict(zip(columns, link, strict=True)) for link in walked]],
    )
