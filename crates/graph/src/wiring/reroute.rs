//! Follows chains of reroutes to both of their ends, and gives each reroute the type of what it carries.

use super::graph::Wiring;
use super::node::{ResolvedNode, Slot};
use super::socket_name::find_socket;
use crate::catalogue::{Input, Output};
use crate::idnames::REROUTE;
use crate::model::Link;

/// The type of a reroute without links.
const UNLINKED_TYPE: &str = "NodeSocketColor";

/// For each reroute, by node index: the links at both ends of its chain of reroutes.
pub(super) struct RerouteChains<'g> {
    /// The link from a node that is no reroute into the chain.
    origin: Vec<Option<&'g Link>>,
    /// The first link from the chain to a node that is no reroute.
    target: Vec<Option<&'g Link>>,
}

impl<'g> Wiring<'g> {
    /// Follows all chains; visits each reroute once.
    pub(super) fn reroute_chains(&self) -> RerouteChains<'g> {
        let count = self.resolved.len();
        let (mut before, mut after) = (vec![None; count], vec![None; count]);
        for link in &self.graph.links {
            for (slots, id) in [(&mut before, &link.to.node), (&mut after, &link.from.node)] {
                if let Some(slot) = self.reroute(id).and_then(|index| slots.get_mut(index)) {
                    *slot = slot.or(Some(link));
                }
            }
        }
        RerouteChains {
            origin: chain_ends(&before, |link| self.reroute(&link.from.node)),
            target: chain_ends(&after, |link| self.reroute(&link.to.node)),
        }
    }

    fn reroute(&self, id: &str) -> Option<usize> {
        let index = self.node_index(id)?;
        let resolved = self.resolved.get(index)?;
        resolved.has_type(REROUTE).then_some(index)
    }

    /// Follows a link back through reroutes to the link from a node that is no reroute.
    pub(super) fn origin(&self, link: &'g Link, chains: &RerouteChains<'g>) -> Option<&'g Link> {
        match self.reroute(&link.from.node) {
            Some(index) => *chains.origin.get(index)?,
            None => Some(link),
        }
    }

    /// Follows a link forward through reroutes to the link to a node that is no reroute.
    pub(super) fn target(&self, link: &'g Link, chains: &RerouteChains<'g>) -> Option<&'g Link> {
        match self.reroute(&link.to.node) {
            Some(index) => *chains.target.get(index)?,
            None => Some(link),
        }
    }

    /// Returns the type of the output at the start of a link.
    pub(super) fn output_type(&self, link: &Link) -> Option<&str> {
        let (_, resolved) = self.node(&link.from.node)?;
        let output = resolved
            .outputs
            .get(find_socket(&resolved.outputs, &link.from.socket)?)?;
        Some(&output.idname)
    }

    /// Returns the input at the end of a link.
    pub(super) fn linked_input(&self, link: &Link) -> Option<&Input> {
        let (_, resolved) = self.node(&link.to.node)?;
        let input = resolved
            .inputs
            .get(find_socket(&resolved.inputs, &link.to.socket)?)?;
        Some(input)
    }

    /// Sets the type of each reroute: the type of the output at its origin, else of the input at its target.
    pub(super) fn set_reroute_types(&mut self, chains: &RerouteChains<'g>) {
        let carried = |index: usize| {
            let origin = chains.origin.get(index).copied().flatten();
            let target = chains.target.get(index).copied().flatten();
            let from = origin.and_then(|link| self.output_type(link));
            let to = || target.and_then(|link| Some(self.linked_input(link)?.idname.as_str()));
            from.or_else(to).unwrap_or(UNLINKED_TYPE).to_owned()
        };
        let reroutes = self.resolved.iter().enumerate();
        let reroutes = reroutes.filter(|(_, resolved)| resolved.has_type(REROUTE));
        let types: Vec<(usize, String)> =
            reroutes.map(|(index, _)| (index, carried(index))).collect();
        for (index, idname) in types {
            if let Some(resolved) = self.resolved.get_mut(index) {
                set_type(resolved, &idname);
            }
        }
    }
}

/// Returns for each reroute the last link of the chain that begins with its own link. `None` for other nodes and in a
/// cycle.
fn chain_ends<'g>(
    own: &[Option<&'g Link>],
    next: impl Fn(&Link) -> Option<usize>,
) -> Vec<Option<&'g Link>> {
    // For each node: whether it was visited, and the result.
    let mut known: Vec<(bool, Option<&Link>)> = vec![(false, None); own.len()];
    for start in 0..own.len() {
        let mut path = Vec::new();
        let mut at = start;
        let end = loop {
            match (known.get_mut(at), own.get(at).copied().flatten()) {
                (Some((visited, _)), Some(link)) if !*visited => {
                    *visited = true;
                    path.push(at);
                    match next(link) {
                        Some(reroute) => at = reroute,
                        None => break Some(link),
                    }
                }
                (Some((_, end)), _) => break *end,
                (None, _) => break None,
            }
        };
        for index in path {
            if let Some(slot) = known.get_mut(index) {
                slot.1 = end;
            }
        }
    }
    known.into_iter().map(|(_, end)| end).collect()
}

fn set_type(resolved: &mut ResolvedNode, idname: &str) {
    if let Some(input) = resolved.inputs.first_mut() {
        let typed = Input {
            idname: idname.to_owned(),
            supports_field: true,
            ..Input::clone(input)
        };
        *input = Slot::Made(Box::new(typed));
    }
    if let Some(output) = resolved.outputs.first_mut() {
        let typed = Output {
            idname: idname.to_owned(),
            ..Output::clone(output)
        };
        *output = Slot::Made(Box::new(typed));
    }
}
