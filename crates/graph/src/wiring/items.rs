//! The sockets that items make, on the node that has the items and on the other half of its zone.

use std::collections::HashMap;

use super::{Port, Shape, Slot, Wiring, find};
use crate::catalogue::{Collection, FieldOf, Input, Made, MadeOn, Output, Side};
use crate::model::{Item, Node, Value};
use crate::wiring::GEOMETRY;

/// Items whose names are also what a menu of their node offers.
const MENU: &str = "enum_items";
const MENU_SOCKET: &str = "NodeSocketMenu";

/// An item: the node that has it, the index of its collection, its own.
type Origin = (usize, usize, usize);

/// A socket that is to be made.
struct Plan<'c> {
    origin: Origin,
    node: usize,
    made: &'c Made,
    name: String,
    idname: String,
}

impl<'g> Wiring<'g> {
    /// Gives dynamic nodes, and their zones' other halves, the sockets of their items.
    pub(super) fn grow_items(&mut self) {
        let mut plans = self.plans();
        if plans.is_empty() {
            return;
        }
        // Sockets are placed among those that are always there: each that is placed before moves the next one on.
        plans.sort_by_key(|plan| (plan.node, plan.made.side == Side::Output, plan.made.at));
        let mut ports = HashMap::new();
        let mut before: Option<(usize, Side, usize)> = None;
        for plan in &plans {
            let side = plan.made.side;
            let placed = match before {
                Some((node, of, placed)) if node == plan.node && of == side => placed,
                _ => 0,
            };
            before = Some((plan.node, side, placed + 1));
            if let Some(shape) = self.shapes.get_mut(plan.node) {
                let can_be_field = self.catalogue.field_types.contains(&plan.idname);
                let socket = insert(shape, plan, plan.made.at + placed, can_be_field);
                let port = Port {
                    node: plan.node,
                    socket,
                };
                ports.insert((plan.origin, plan.node, side == Side::Output), port);
            }
        }
        self.feeds = plans
            .iter()
            .flat_map(|plan| self.feeds_of(plan, &ports))
            .collect();
    }

    /// Every socket that some item makes.
    fn plans(&mut self) -> Vec<Plan<'g>> {
        let mut plans = Vec::new();
        for (place, node) in self.graph.nodes.iter().enumerate() {
            let Some(kind) = self.shapes.get(place).and_then(|shape| shape.kind) else {
                continue;
            };
            for (which, collection) in kind.items.iter().enumerate() {
                let items: Vec<&Item> = of(node, collection).collect();
                if collection.collection == MENU {
                    self.offer(place, &items);
                }
                let mut geometry = false;
                for (number, item) in items.into_iter().enumerate() {
                    let idname = self.idname(place, collection, item);
                    let makes = match &collection.makes_after_geometry {
                        Some(makes) if geometry => makes,
                        _ => &collection.makes,
                    };
                    geometry |= idname == GEOMETRY;
                    let plan = |made: &'g Made| {
                        let node = match made.node {
                            MadeOn::Own => Some(place),
                            MadeOn::Partner => self.partners.get(&place).copied(),
                        };
                        Some(Plan {
                            origin: (place, which, number),
                            node: node?,
                            made,
                            name: match collection.named {
                                true => item.name.clone(),
                                false => number.to_string(),
                            },
                            idname: made.idname.clone().unwrap_or_else(|| idname.clone()),
                        })
                    };
                    plans.extend(makes.iter().filter_map(plan));
                }
            }
        }
        plans
    }

    /// The type of an item's sockets: its own, or what a property of the node says for all.
    fn idname(&self, place: usize, collection: &Collection, item: &Item) -> String {
        let Some(property) = &collection.type_from else {
            return item.idname.clone().unwrap_or_default();
        };
        let shape = self.shapes.get(place);
        let word = shape
            .and_then(|shape| shape.property(property))
            .map(Value::word);
        let mut types = collection.types.iter();
        let found = types.find(|(_, known)| Some(known.as_str()) == word.as_deref());
        found.map(|(idname, _)| idname.clone()).unwrap_or_default()
    }

    /// Gives a node's menu its items.
    fn offer(&mut self, place: usize, items: &[&Item]) {
        let inputs = self
            .shapes
            .get_mut(place)
            .map(|shape| shape.inputs.iter_mut());
        for slot in inputs
            .into_iter()
            .flatten()
            .filter(|it| it.idname == MENU_SOCKET)
        {
            let mut input = Input::clone(slot);
            input.menu = Some(items.iter().map(|item| item.name.clone()).collect());
            *slot = Slot::Made(Box::new(input));
        }
    }

    /// Which inputs make which outputs fields, on account of a socket that was made.
    fn feeds_of(
        &self,
        plan: &Plan,
        ports: &HashMap<(Origin, usize, bool), Port>,
    ) -> Vec<(Port, Port)> {
        let partner = self.partners.get(&plan.node).copied();
        let here = |output| ports.get(&(plan.origin, plan.node, output)).copied();
        let there = |output| ports.get(&(plan.origin, partner?, output)).copied();
        // What a reference means: a socket of the same item, here or on the other half, or one that is always here.
        let meant = |reference: &str, output: bool| match reference {
            "item of self" => here(output).into_iter().collect(),
            "item of partner" => there(output).into_iter().collect(),
            _ => self.always(plan.node, reference, output),
        };
        let references = match (&plan.made.field, plan.made.side) {
            (FieldOf::Inputs(references), Side::Output) => references,
            (_, Side::Input) => &plan.made.feeds,
            _ => return Vec::new(),
        };
        let is_output = plan.made.side == Side::Output;
        let Some(own) = here(is_output) else {
            return Vec::new();
        };
        let others = references
            .iter()
            .flat_map(|reference| meant(reference, !is_output));
        others
            .map(|other| {
                if is_output {
                    (other, own)
                } else {
                    (own, other)
                }
            })
            .collect()
    }

    /// The sockets that a reference like `self: Output` means.
    fn always(&self, node: usize, reference: &str, output: bool) -> Vec<Port> {
        let name = reference.strip_prefix("self: ").unwrap_or(reference);
        let shape = self.shapes.get(node);
        let place = shape.and_then(|shape| match output {
            true => find(&shape.outputs, name),
            false => find(&shape.inputs, name),
        });
        place
            .map(|socket| Port { node, socket })
            .into_iter()
            .collect()
    }
}

/// The items that a node has in a collection: what is written, or what a new node has.
fn of<'a>(node: &'a Node, collection: &'a Collection) -> impl Iterator<Item = &'a Item> {
    let items = node.items.as_ref().unwrap_or(&collection.default);
    items.iter().filter(|item| {
        let named = item.collection.as_ref();
        named.is_none_or(|name| *name == collection.collection)
    })
}

/// Puts a socket where it belongs, and says where that is. What items make is described for types that can be fields.
fn insert(shape: &mut Shape, plan: &Plan, at: usize, can_be_field: bool) -> usize {
    let (name, identifier) = (plan.name.clone(), plan.name.clone());
    let idname = plan.idname.clone();
    match plan.made.side {
        Side::Input => {
            let at = at.min(shape.inputs.len());
            let input = Input {
                name,
                identifier,
                idname,
                supports_field: can_be_field && plan.made.supports_field,
                supports_grid: can_be_field && plan.made.supports_grid,
                implicit_field: can_be_field && plan.made.implicit_field,
                ..Input::default()
            };
            shape.inputs.insert(at, Slot::Made(Box::new(input)));
            at
        }
        Side::Output => {
            let at = at.min(shape.outputs.len());
            let output = Output {
                name,
                identifier,
                idname,
                field: FieldOf::Known(can_be_field && plan.made.field == FieldOf::Known(true)),
                sticky: can_be_field && plan.made.sticky,
                grid: plan.made.grid.clone().filter(|_| can_be_field),
                ..Output::default()
            };
            shape.outputs.insert(at, Slot::Made(Box::new(output)));
            at
        }
    }
}
