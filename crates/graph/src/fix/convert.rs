//! Inserts a converting node into each link between types that Blender does not convert.

use super::edit::{Edit, make_link};
use super::record::Fix;
use crate::convert::find_converter;
use crate::model::Graph;
use crate::wiring::Wiring;

pub(super) fn fix(wiring: &Wiring, fixes: &mut Vec<Fix>) -> Graph {
    let mut edit = Edit::new(wiring.graph);
    let mut links = Vec::with_capacity(wiring.graph.links.len());
    for (index, (old, wire)) in wiring.links().enumerate() {
        let ends = wire.ends();
        let types = ends.and_then(|(from, to)| wiring.output(from).zip(wiring.input(to)));
        let helper = types
            .filter(|(from, to)| !wiring.catalogue.compat.allows(&from.idname, &to.idname))
            .and_then(|(from, to)| find_converter(wiring.catalogue, &from.idname, &to.idname));
        let Some(helper) = helper else {
            links.push(old.clone());
            continue;
        };
        let (from, to) = (&old.from, &old.to);
        let id = edit.add(helper.idname, helper.name, &to.node);
        for input in helper.inputs {
            links.push(make_link((&from.node, &from.socket), (&id, input)));
        }
        links.push(make_link((&id, helper.output), (&to.node, &to.socket)));
        let location = old.location(index);
        fixes.push(Fix::new(
            location,
            format!("{id} ({}) inserted", helper.idname),
        ));
    }
    edit.finish(links)
}
