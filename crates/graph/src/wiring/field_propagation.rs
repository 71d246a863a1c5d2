//! Finds the outputs that are fields or volume grids. Both spread along links from output to output.

use std::collections::HashSet;

use super::graph::{Port, Wiring};
use super::node::ResolvedNode;
use crate::catalogue::{FieldRule, Input, Output};
use crate::idnames::GROUP_INPUT;

/// The quality of an output that a pass computes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quality {
    /// The output is a field.
    Field,
    /// The output is a volume grid.
    Grid,
    /// The value comes from the group's inputs, along the ways of a field.
    FromGroupInput,
    /// The value comes from the group's inputs, along the ways of a grid, and becomes one where one is needed.
    Adaptive,
}

/// The outputs that hold more than one value.
#[derive(Debug)]
pub struct FieldStructure {
    /// Outputs that hold a value for each element.
    pub fields: HashSet<Port>,
    /// Outputs that hold a volume grid. They stay grids if a field is used beside them.
    pub grids: HashSet<Port>,
    /// Outputs that come from the group's inputs, and become grids where a grid is needed.
    pub adaptive: HashSet<Port>,
}

impl Wiring<'_> {
    /// Computes the outputs that are fields or volume grids.
    pub fn field_structure(&self) -> FieldStructure {
        let mut incoming: Vec<Vec<(usize, Port)>> = vec![Vec::new(); self.resolved.len()];
        for (from, to) in self.wires.iter().filter_map(|wire| wire.ends()) {
            if let Some(incoming) = incoming.get_mut(to.node) {
                incoming.push((to.socket, from));
            }
        }
        let order: Vec<usize> = self.edges().components().into_iter().flatten().collect();
        let propagate = |quality: Quality, from_group_input: HashSet<Port>| {
            let mut pass = Propagation {
                wiring: self,
                incoming: &incoming,
                quality,
                found: HashSet::new(),
                from_group_input,
            };
            pass.run(&order);
            pass.found
        };
        let has_sticky = |node: &ResolvedNode| node.outputs.iter().any(|output| output.sticky);
        let from_group_input = match self.resolved.iter().any(has_sticky) {
            true => propagate(Quality::FromGroupInput, HashSet::new()),
            false => HashSet::new(),
        };
        FieldStructure {
            fields: propagate(Quality::Field, from_group_input),
            grids: propagate(Quality::Grid, HashSet::new()),
            adaptive: propagate(Quality::Adaptive, HashSet::new()),
        }
    }
}

/// The computation of one quality for all outputs.
struct Propagation<'a> {
    wiring: &'a Wiring<'a>,
    /// For each node: its linked inputs, and the output that each is linked to.
    incoming: &'a [Vec<(usize, Port)>],
    quality: Quality,
    /// The outputs with the quality.
    found: HashSet<Port>,
    /// The outputs whose value comes from the group's inputs.
    from_group_input: HashSet<Port>,
}

impl Propagation<'_> {
    /// Visits nodes from sources to results, and again while the end of a zone adds an output at its beginning.
    fn run(&mut self, order: &[usize]) {
        loop {
            let before = self.found.len();
            order.iter().for_each(|node| self.visit(*node));
            for (input, output) in &self.wiring.item_feeds {
                let is_sticky = self.wiring.output(*output).is_some_and(|it| it.sticky);
                if self.receives(*input)
                    || (is_sticky && self.is_linked_to(*input, &self.from_group_input))
                {
                    self.found.insert(*output);
                }
            }
            if self.found.len() == before {
                return;
            }
        }
    }

    fn visit(&mut self, node: usize) {
        let Some(resolved) = self.wiring.resolved.get(node) else {
            return;
        };
        let starts_here = matches!(self.quality, Quality::FromGroupInput | Quality::Adaptive)
            && resolved.has_type(GROUP_INPUT);
        let outputs = resolved.outputs.iter().enumerate();
        let found: Vec<Port> = outputs
            .filter(|(_, output)| starts_here || self.gives(node, output))
            .map(|(socket, _)| Port { node, socket })
            .collect();
        self.found.extend(found);
    }

    /// Returns whether a node gives one of its outputs the quality.
    fn gives(&self, node: usize, output: &Output) -> bool {
        let (always, inputs) = match (self.quality, &output.field, &output.grid) {
            (Quality::Field, FieldRule::Known(always), _) => (*always, None),
            (Quality::Field | Quality::FromGroupInput, FieldRule::Inputs(inputs), _) => {
                (false, Some(inputs))
            }
            (Quality::Grid, _, Some(FieldRule::Known(always))) => (*always, None),
            (_, _, Some(FieldRule::Inputs(inputs))) => (false, Some(inputs)),
            (_, FieldRule::Inputs(inputs), None) => (false, Some(inputs)),
            _ => (false, None),
        };
        let Some(resolved) = self.wiring.resolved.get(node) else {
            return false;
        };
        let mut node_inputs = resolved.inputs.iter().enumerate();
        always
            || inputs.is_some_and(|names| {
                node_inputs.any(|(socket, input)| {
                    names.contains(&input.identifier) && self.receives(Port { node, socket })
                })
            })
    }

    /// Returns whether a value with the quality arrives at an input that accepts it.
    fn receives(&self, port: Port) -> bool {
        let Some(input) = self.wiring.input(port) else {
            return false;
        };
        match self.sources(port).next() {
            Some(_) => self.accepts(input) && self.is_linked_to(port, &self.found),
            None => self.quality == Quality::Field && input.implicit_field,
        }
    }

    /// Returns whether an input is linked to one of these outputs.
    fn is_linked_to(&self, input: Port, outputs: &HashSet<Port>) -> bool {
        self.sources(input).any(|from| outputs.contains(&from))
    }

    /// Returns the outputs that an input is linked to.
    fn sources(&self, input: Port) -> impl Iterator<Item = Port> {
        let links = self.incoming.get(input.node).map(Vec::as_slice);
        let links = links.unwrap_or_default().iter();
        links
            .filter(move |(to, _)| *to == input.socket)
            .map(|(_, from)| *from)
    }

    fn accepts(&self, input: &Input) -> bool {
        match self.quality {
            Quality::Field | Quality::FromGroupInput => true,
            Quality::Grid | Quality::Adaptive => input.supports_grid,
        }
    }
}
