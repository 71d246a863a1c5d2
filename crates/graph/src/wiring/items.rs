//! Adds the sockets that items make, to the node with the items and to the other half of its zone.

use std::collections::HashMap;

use super::graph::{Port, Wiring};
use super::node::{ResolvedNode, Slot};
use super::socket_name::find_socket;
use crate::catalogue::{Collection, FieldRule, Input, ItemSocket, Output, Side, ZoneHalf};
use crate::idnames::{GEOMETRY, MENU};
use crate::model::{Item, Node, Value};

/// The collection whose item names are also the choices of the node's menu.
const MENU_ITEMS: &str = "enum_items";

/// An item: the index of its node, of its collection, and its own.
type ItemKey = (usize, usize, usize);

/// Maps an item, a node, and whether the socket is an output, to the added socket.
type ItemPorts = HashMap<(ItemKey, usize, bool), Port>;

/// A socket that will be added to a node.
struct PlannedSocket<'c> {
    item: ItemKey,
    node: usize,
    template: &'c ItemSocket,
    name: String,
    idname: String,
}

impl PlannedSocket<'_> {
    fn is_output(&self) -> bool {
        self.template.side == Side::Output
    }
}

impl<'g> Wiring<'g> {
    /// Adds the sockets of all items to their nodes, and to the other halves of their zones.
    pub(super) fn add_item_sockets(&mut self) {
        let mut plans = self.plan_item_sockets();
        if plans.is_empty() {
            return;
        }
        // `at` counts fixed sockets only, so each added socket moves the next ones on the same side by one.
        plans.sort_by_key(|plan| (plan.node, plan.is_output(), plan.template.at));
        let mut ports = ItemPorts::new();
        let mut previous: Option<(usize, bool, usize)> = None;
        for plan in &plans {
            let is_output = plan.is_output();
            let added = match previous {
                Some((node, output, added)) if node == plan.node && output == is_output => added,
                _ => 0,
            };
            previous = Some((plan.node, is_output, added + 1));
            if let Some(resolved) = self.resolved.get_mut(plan.node) {
                let can_be_field = self.catalogue.field_types.contains(&plan.idname);
                let socket = insert(resolved, plan, plan.template.at + added, can_be_field);
                let node = plan.node;
                ports.insert((plan.item, node, is_output), Port { node, socket });
            }
        }
        let feeds = plans.iter().flat_map(|plan| self.feeds_of(plan, &ports));
        self.item_feeds = feeds.collect();
    }

    /// Plans the sockets of all items, and sets the choices of menus.
    fn plan_item_sockets(&mut self) -> Vec<PlannedSocket<'g>> {
        let mut plans = Vec::new();
        for (index, node) in self.graph.nodes.iter().enumerate() {
            let Some(node_type) = self.resolved.get(index).and_then(|it| it.node_type) else {
                continue;
            };
            for (number, collection) in node_type.items.iter().enumerate() {
                let items: Vec<&Item> = items_of(node, collection).collect();
                if collection.collection == MENU_ITEMS {
                    self.set_menu_choices(index, &items);
                }
                self.plan_collection((index, number), collection, &items, &mut plans);
            }
        }
        plans
    }

    /// Plans the sockets of the items of a collection, given by the index of its node and its own.
    fn plan_collection(
        &self,
        (index, number): (usize, usize),
        collection: &'g Collection,
        items: &[&Item],
        plans: &mut Vec<PlannedSocket<'g>>,
    ) {
        let mut after_geometry = false;
        for (position, item) in items.iter().enumerate() {
            let idname = self.item_type(index, collection, item);
            let templates = match &collection.makes_after_geometry {
                Some(templates) if after_geometry => templates,
                _ => &collection.makes,
            };
            after_geometry |= idname == GEOMETRY;
            let plan = |template: &'g ItemSocket| {
                let node = match template.node {
                    ZoneHalf::Own => Some(index),
                    ZoneHalf::Partner => self.partners.get(&index).copied(),
                };
                Some(PlannedSocket {
                    item: (index, number, position),
                    node: node?,
                    template,
                    name: match collection.named {
                        true => item.name.clone(),
                        false => position.to_string(),
                    },
                    idname: template.idname.clone().unwrap_or_else(|| idname.clone()),
                })
            };
            plans.extend(templates.iter().filter_map(plan));
        }
    }

    /// Returns the socket type of an item: its own, or the one that a property of the node sets for all items.
    fn item_type(&self, index: usize, collection: &Collection, item: &Item) -> String {
        let Some(property) = &collection.type_from else {
            return item.idname.clone().unwrap_or_default();
        };
        let resolved = self.resolved.get(index);
        let value = resolved.and_then(|it| it.property(property));
        let token = value.map(Value::token);
        let mut types = collection.types.iter();
        let found = types.find(|(_, api_name)| Some(api_name.as_str()) == token.as_deref());
        found.map(|(idname, _)| idname.clone()).unwrap_or_default()
    }

    fn set_menu_choices(&mut self, index: usize, items: &[&Item]) {
        let Some(resolved) = self.resolved.get_mut(index) else {
            return;
        };
        for slot in resolved.inputs.iter_mut().filter(|it| it.idname == MENU) {
            let mut input = Input::clone(slot);
            input.menu = Some(items.iter().map(|item| item.name.clone()).collect());
            *slot = Slot::Made(Box::new(input));
        }
    }

    /// Returns pairs of input and output that an added socket makes: a field at the input makes the output a field.
    fn feeds_of(&self, plan: &PlannedSocket, ports: &ItemPorts) -> Vec<(Port, Port)> {
        let partner = self.partners.get(&plan.node).copied();
        let here = |output| ports.get(&(plan.item, plan.node, output)).copied();
        let there = |output| ports.get(&(plan.item, partner?, output)).copied();
        // A reference names a socket of the same item, on this node or on the other half, or a fixed socket.
        let resolve = |reference: &str, output: bool| match reference {
            "item of self" => here(output),
            "item of partner" => there(output),
            _ => self.fixed_socket(plan.node, reference, output),
        };
        let is_output = plan.is_output();
        let references = match (&plan.template.field, is_output) {
            (FieldRule::Inputs(references), true) => references,
            (_, false) => &plan.template.feeds,
            _ => return Vec::new(),
        };
        let Some(own) = here(is_output) else {
            return Vec::new();
        };
        let others = references
            .iter()
            .filter_map(|reference| resolve(reference, !is_output));
        others
            .map(|other| match is_output {
                true => (other, own),
                false => (own, other),
            })
            .collect()
    }

    /// Finds the socket for a reference like `self: Output`.
    fn fixed_socket(&self, node: usize, reference: &str, output: bool) -> Option<Port> {
        let name = reference.strip_prefix("self: ").unwrap_or(reference);
        let resolved = self.resolved.get(node)?;
        let socket = match output {
            true => find_socket(&resolved.outputs, name),
            false => find_socket(&resolved.inputs, name),
        }?;
        Some(Port { node, socket })
    }
}

/// Returns the items of a node in a collection: the written ones, or those of a new node.
fn items_of<'a>(node: &'a Node, collection: &'a Collection) -> impl Iterator<Item = &'a Item> {
    let items = node.items.as_ref().unwrap_or(&collection.default);
    items.iter().filter(|item| {
        let name = item.collection.as_ref();
        name.is_none_or(|name| *name == collection.collection)
    })
}

/// Inserts a socket and returns its index. The catalogue describes it for types that can be fields; other types get
/// none of these qualities.
fn insert(
    resolved: &mut ResolvedNode,
    plan: &PlannedSocket,
    at: usize,
    can_be_field: bool,
) -> usize {
    let (name, identifier) = (plan.name.clone(), plan.name.clone());
    let (idname, template) = (plan.idname.clone(), plan.template);
    match template.side {
        Side::Input => {
            let at = at.min(resolved.inputs.len());
            let input = Input {
                name,
                identifier,
                idname,
                supports_field: can_be_field && template.supports_field,
                supports_grid: can_be_field && template.supports_grid,
                implicit_field: can_be_field && template.implicit_field,
                ..Input::default()
            };
            resolved.inputs.insert(at, Slot::Made(Box::new(input)));
            at
        }
        Side::Output => {
            let at = at.min(resolved.outputs.len());
            let output = Output {
                name,
                identifier,
                idname,
                field: FieldRule::Known(can_be_field && template.field == FieldRule::Known(true)),
                sticky: can_be_field && template.sticky,
                grid: template.grid.clone().filter(|_| can_be_field),
                ..Output::default()
            };
            resolved.outputs.insert(at, Slot::Made(Box::new(output)));
            at
        }
    }
}
