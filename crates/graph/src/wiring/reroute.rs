//! Reroutes: where a link comes from and leads to through any number of them, and what they carry.

use super::{REROUTE, Shape, Slot, Wiring, find};
use crate::catalogue::{Input, Output};
use crate::model::Link;

/// What a reroute carries that nothing is linked to.
const ALONE: &str = "NodeSocketColor";

/// For each node that is a reroute, by index, the links at the far ends of the chain of reroutes that it is in.
pub(super) struct Chains<'g> {
    /// The link that comes from what is no reroute.
    origin: Vec<Option<&'g Link>>,
    /// The first link that leads to what is no reroute.
    target: Vec<Option<&'g Link>>,
}

impl<'g> Wiring<'g> {
    /// Follows all reroutes, each once.
    pub(super) fn chains(&self) -> Chains<'g> {
        let count = self.shapes.len();
        let (mut before, mut after) = (vec![None; count], vec![None; count]);
        for link in &self.graph.links {
            for (slots, id) in [(&mut before, &link.to.node), (&mut after, &link.from.node)] {
                if let Some(slot) = self.reroute(id).and_then(|place| slots.get_mut(place)) {
                    *slot = slot.or(Some(link));
                }
            }
        }
        Chains {
            origin: ends(&before, |link| self.reroute(&link.from.node)),
            target: ends(&after, |link| self.reroute(&link.to.node)),
        }
    }

    fn reroute(&self, id: &str) -> Option<usize> {
        let place = self.place(id)?;
        let shape = self.shapes.get(place)?;
        shape.is(REROUTE).then_some(place)
    }

    /// The link that brings what another one carries: itself, where it comes from what is no reroute.
    pub(super) fn origin(&self, link: &'g Link, chains: &Chains<'g>) -> Option<&'g Link> {
        match self.reroute(&link.from.node) {
            Some(place) => *chains.origin.get(place)?,
            None => Some(link),
        }
    }

    /// The link that takes what another one carries to what is no reroute.
    pub(super) fn target(&self, link: &'g Link, chains: &Chains<'g>) -> Option<&'g Link> {
        match self.reroute(&link.to.node) {
            Some(place) => *chains.target.get(place)?,
            None => Some(link),
        }
    }

    /// The type of the output that a link comes from, if that is no reroute.
    pub(super) fn leaving(&self, link: &Link) -> Option<&str> {
        let (_, shape) = self.node(&link.from.node)?;
        let output = shape
            .outputs
            .get(find(&shape.outputs, &link.from.socket)?)?;
        Some(&output.idname)
    }

    /// The input that a link leads to, if that is no reroute.
    pub(super) fn arriving(&self, link: &Link) -> Option<&Input> {
        let (_, shape) = self.node(&link.to.node)?;
        let input = shape.inputs.get(find(&shape.inputs, &link.to.socket)?)?;
        Some(input)
    }

    /// Gives the sockets of reroutes the type that they carry: what comes into them, else what they lead to.
    pub(super) fn type_reroutes(&mut self, chains: &Chains<'g>) {
        let carried = |place: usize| {
            let origin = chains.origin.get(place).copied().flatten();
            let target = chains.target.get(place).copied().flatten();
            let leaving = origin.and_then(|link| self.leaving(link));
            let arriving = || target.and_then(|link| Some(self.arriving(link)?.idname.as_str()));
            leaving.or_else(arriving).unwrap_or(ALONE).to_owned()
        };
        let reroutes = self.shapes.iter().enumerate();
        let reroutes = reroutes.filter(|(_, shape)| shape.is(REROUTE));
        let types: Vec<(usize, String)> =
            reroutes.map(|(place, _)| (place, carried(place))).collect();
        for (place, idname) in types {
            if let Some(shape) = self.shapes.get_mut(place) {
                set(shape, &idname);
            }
        }
    }
}

/// For each node the last link of the chain that begins with its own; none for what is no reroute, and in a circle.
fn ends<'g>(
    own: &[Option<&'g Link>],
    next: impl Fn(&Link) -> Option<usize>,
) -> Vec<Option<&'g Link>> {
    // Whether it was visited, and what was found.
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
        for place in path {
            if let Some(slot) = known.get_mut(place) {
                slot.1 = end;
            }
        }
    }
    known.into_iter().map(|(_, end)| end).collect()
}

fn set(shape: &mut Shape, idname: &str) {
    if let Some(input) = shape.inputs.first_mut() {
        let typed = Input {
            idname: idname.to_owned(),
            supports_field: true,
            ..Input::clone(input)
        };
        *input = Slot::Made(Box::new(typed));
    }
    if let Some(output) = shape.outputs.first_mut() {
        let typed = Output {
            idname: idname.to_owned(),
            ..Output::clone(output)
        };
        *output = Slot::Made(Box::new(typed));
    }
}
