//! Links between types that Blender does not convert, where a node does.

use super::Fix;
use super::edit::{Edit, link};
use crate::convert::converter;
use crate::location::{Location, Subject};
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
            .and_then(|(from, to)| converter(wiring.catalogue, &from.idname, &to.idname));
        let Some(helper) = helper else {
            links.push(old.clone());
            continue;
        };
        let (from, to) = (&old.from, &old.to);
        let id = edit.add(helper.idname, helper.name, &to.node);
        for input in helper.inputs {
            links.push(link((&from.node, &from.socket), (&id, input)));
        }
        links.push(link((&id, helper.output), (&to.node, &to.socket)));
        let place = Location::from(Subject::Link(index, old.text())).at(old.at);
        fixes.push(Fix::new(
            place,
            format!("{id} ({}) put between", helper.idname),
        ));
    }
    edit.finish(links)
}
