//! What spreads from output to output along links: being a field, being a volume grid.

use std::collections::HashSet;

use super::{GROUP_INPUT, Port, Shape, Wiring};
use crate::catalogue::{FieldOf, Input, Output};

/// What spreads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Field,
    Grid,
    /// What comes from the group's inputs, wherever a field would spread.
    Given,
    /// What comes from the group's inputs, wherever a grid would spread.
    Adapts,
}

/// What is known of outputs beyond their types.
#[derive(Debug)]
pub struct Structure {
    /// Those that hold a value for each element.
    pub fields: HashSet<Port>,
    /// Those that hold a volume's grid, which a field beside it does not change.
    pub grids: HashSet<Port>,
    /// Those that become grids where a grid is needed, because they come from the group's inputs.
    pub adapting: HashSet<Port>,
}

impl Wiring<'_> {
    /// Finds what spreads.
    pub fn structure(&self) -> Structure {
        let mut coming: Vec<Vec<(usize, Port)>> = vec![Vec::new(); self.shapes.len()];
        for (from, to) in self.wires.iter().filter_map(|wire| wire.ends()) {
            if let Some(coming) = coming.get_mut(to.node) {
                coming.push((to.socket, from));
            }
        }
        let order: Vec<usize> = self.edges().components().into_iter().flatten().collect();
        let spread = |what: What, given: HashSet<Port>| {
            let mut spread = Spread {
                wiring: self,
                coming: &coming,
                what,
                found: HashSet::new(),
                given,
            };
            spread.all(&order);
            spread.found
        };
        let sticky = |shape: &Shape| shape.outputs.iter().any(|output| output.sticky);
        let given = match self.shapes.iter().any(sticky) {
            true => spread(What::Given, HashSet::new()),
            false => HashSet::new(),
        };
        Structure {
            fields: spread(What::Field, given),
            grids: spread(What::Grid, HashSet::new()),
            adapting: spread(What::Adapts, HashSet::new()),
        }
    }
}

struct Spread<'a> {
    wiring: &'a Wiring<'a>,
    /// For each node its inputs that are linked, and the outputs that they are linked to.
    coming: &'a [Vec<(usize, Port)>],
    what: What,
    found: HashSet<Port>,
    /// What comes from the group's inputs.
    given: HashSet<Port>,
}

impl Spread<'_> {
    /// Once from sources to results, and again while the end of a zone says something new of its beginning.
    fn all(&mut self, order: &[usize]) {
        loop {
            let before = self.found.len();
            order.iter().for_each(|node| self.through(*node));
            for (input, output) in &self.wiring.feeds {
                let sticky = self.wiring.output(*output).is_some_and(|it| it.sticky);
                if self.receives(*input) || (sticky && self.linked(*input, &self.given)) {
                    self.found.insert(*output);
                }
            }
            if self.found.len() == before {
                return;
            }
        }
    }

    fn through(&mut self, node: usize) {
        let Some(shape) = self.wiring.shapes.get(node) else {
            return;
        };
        let adapts = matches!(self.what, What::Given | What::Adapts) && shape.is(GROUP_INPUT);
        let outputs = shape.outputs.iter().enumerate();
        let found: Vec<Port> = outputs
            .filter(|(_, output)| adapts || self.makes(node, output))
            .map(|(socket, _)| Port { node, socket })
            .collect();
        self.found.extend(found);
    }

    /// Whether a node makes one of its outputs such.
    fn makes(&self, node: usize, output: &Output) -> bool {
        let (always, inputs) = match (self.what, &output.field, &output.grid) {
            (What::Field, FieldOf::Known(always), _) => (*always, None),
            (What::Field | What::Given, FieldOf::Inputs(inputs), _) => (false, Some(inputs)),
            (What::Grid, _, Some(FieldOf::Known(always))) => (*always, None),
            (_, _, Some(FieldOf::Inputs(inputs))) => (false, Some(inputs)),
            (_, FieldOf::Inputs(inputs), None) => (false, Some(inputs)),
            _ => (false, None),
        };
        let Some(shape) = self.wiring.shapes.get(node) else {
            return false;
        };
        let mut places = shape.inputs.iter().enumerate();
        always
            || inputs.is_some_and(|names| {
                places.any(|(socket, input)| {
                    names.contains(&input.identifier) && self.receives(Port { node, socket })
                })
            })
    }

    /// Whether such comes into an input that takes it.
    fn receives(&self, input: Port) -> bool {
        let Some(at) = self.wiring.input(input) else {
            return false;
        };
        match self.links(input).next() {
            Some(_) => self.takes(at) && self.linked(input, &self.found),
            None => self.what == What::Field && at.implicit_field,
        }
    }

    /// Whether an input is linked to one of these outputs.
    fn linked(&self, input: Port, outputs: &HashSet<Port>) -> bool {
        self.links(input).any(|from| outputs.contains(&from))
    }

    /// The outputs that an input is linked to.
    fn links(&self, input: Port) -> impl Iterator<Item = Port> {
        let links = self.coming.get(input.node).map(Vec::as_slice);
        let links = links.unwrap_or_default().iter();
        links
            .filter(move |(to, _)| *to == input.socket)
            .map(|(_, from)| *from)
    }

    fn takes(&self, input: &Input) -> bool {
        match self.what {
            What::Field | What::Given => true,
            What::Grid | What::Adapts => input.supports_grid,
        }
    }
}
