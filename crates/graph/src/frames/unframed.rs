//! Groups the nodes that are in no frame.

use std::collections::{HashMap, HashSet, VecDeque};

use super::role::Role;
use crate::idnames::{GROUP_INPUT, GROUP_OUTPUT, REROUTE};
use crate::model::Graph;

/// Most nodes of a frame, so that people can grasp it at a glance.
const MAX_NODES: usize = 10;

/// The nodes that are in no frame, by index, and the links between them.
pub(super) struct UnframedNodes<'g> {
    pub ids: Vec<&'g str>,
    roles: Vec<Role>,
    /// For each node: whether it is a Group Input or a Group Output.
    is_group_end: Vec<bool>,
    /// For each node: its neighbors, in the order of the links.
    neighbors: Vec<Vec<usize>>,
}

impl<'g> UnframedNodes<'g> {
    pub fn new(graph: &'g Graph) -> Self {
        let framed: HashSet<&str> = graph
            .frames
            .iter()
            .flat_map(|frame| &frame.nodes)
            .map(String::as_str)
            .collect();
        let nodes = || {
            let nodes = graph.nodes.iter();
            nodes.filter(|node| node.idname != REROUTE && !framed.contains(node.id.as_str()))
        };
        let ids: Vec<&str> = nodes().map(|node| node.id.as_str()).collect();
        let index: HashMap<&str, usize> =
            ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut neighbors = vec![Vec::new(); ids.len()];
        let origins = origins(graph);
        for link in &graph.links {
            let from = link.from.node.as_str();
            let from = origins.get(from).copied().unwrap_or(from);
            let ends = index
                .get(from)
                .copied()
                .zip(index.get(link.to.node.as_str()).copied());
            if let Some((from, to)) = ends {
                for (one, other) in [(from, to), (to, from)] {
                    if let Some(neighbors) = neighbors.get_mut(one) {
                        neighbors.push(other);
                    }
                }
            }
        }
        Self {
            ids,
            roles: nodes().map(|node| Role::for_type(&node.idname)).collect(),
            is_group_end: nodes()
                .map(|node| [GROUP_INPUT, GROUP_OUTPUT].contains(&&*node.idname))
                .collect(),
            neighbors,
        }
    }

    pub fn group_by_role(&self) -> Vec<Vec<usize>> {
        let nodes_of = |role: &Role| {
            let nodes = self.roles.iter().enumerate();
            nodes
                .filter(|(_, it)| *it == role)
                .map(|(node, _)| node)
                .collect()
        };
        Role::ALL.iter().map(nodes_of).collect()
    }

    /// Groups nodes that are linked, without the group's own inputs and outputs. A single node makes no group.
    pub fn group_by_links(&self) -> Vec<Vec<usize>> {
        let is_group_end = |node: usize| self.is_group_end.get(node).copied().unwrap_or(true);
        let mut seen = vec![false; self.ids.len()];
        let mut groups = Vec::new();
        for root in (0..self.ids.len()).filter(|node| !is_group_end(*node)) {
            let (mut open, mut group) = (vec![root], Vec::new());
            while let Some(node) = open.pop() {
                match seen.get_mut(node) {
                    Some(seen) if !*seen && !is_group_end(node) => *seen = true,
                    _ => continue,
                }
                group.push(node);
                open.extend(self.neighbors.get(node).into_iter().flatten());
            }
            group.sort_unstable();
            if group.len() > 1 {
                groups.push(group);
            }
        }
        groups
    }

    /// Splits a group into parts of at most [`MAX_NODES`] nodes. Prefers neighbors in one part.
    pub fn split(&self, group: &[usize]) -> Vec<Vec<usize>> {
        let count = group.len().div_ceil(MAX_NODES).max(1);
        let size = group.len().div_ceil(count);
        let mut remaining: HashSet<usize> = group.iter().copied().collect();
        let mut candidates = group.iter().copied();
        let mut parts = Vec::new();
        while !remaining.is_empty() {
            let (mut part, mut queue) = (Vec::new(), VecDeque::new());
            while !remaining.is_empty() && part.len() < size {
                let next = queue
                    .pop_front()
                    .or_else(|| candidates.find(|node| remaining.contains(node)));
                let Some(node) = next else { break };
                if remaining.remove(&node) {
                    part.push(node);
                    let neighbors = self.neighbors.get(node).into_iter().flatten();
                    queue.extend(neighbors.filter(|it| remaining.contains(it)));
                }
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }

    /// Returns the role of most nodes; the first one in a tie.
    pub fn main_role(&self, part: &[usize]) -> Role {
        let roles = || part.iter().filter_map(|node| self.roles.get(*node));
        let count = |role: &Role| roles().filter(|it| *it == role).count();
        let mut main = roles().next().copied().unwrap_or(Role::Math);
        for role in roles() {
            if count(role) > count(&main) {
                main = *role;
            }
        }
        main
    }
}

/// Maps each reroute to the node at the start of its chain of reroutes.
fn origins(graph: &Graph) -> HashMap<&str, &str> {
    let reroutes = graph.nodes.iter().filter(|node| node.idname == REROUTE);
    let reroutes: HashSet<&str> = reroutes.map(|node| node.id.as_str()).collect();
    let links = graph
        .links
        .iter()
        .filter(|link| reroutes.contains(link.to.node.as_str()));
    let before: HashMap<&str, &str> = links
        .map(|link| (link.to.node.as_str(), link.from.node.as_str()))
        .collect();
    let mut known: HashMap<&str, &str> = HashMap::new();
    for start in reroutes {
        let (mut at, mut path) = (start, HashSet::new());
        // Visits each reroute once: a later walk that meets it stops there.
        let end = loop {
            match (known.get(at), before.get(at)) {
                (Some(end), _) => break *end,
                (None, Some(next)) if path.insert(at) => at = next,
                _ => break at,
            }
        };
        known.extend(path.into_iter().map(|reroute| (reroute, end)));
    }
    known
}
