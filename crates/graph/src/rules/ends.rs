//! Links, settings and frames name nodes that are there.

use super::{Found, of_frame, of_link};
use crate::diagnostic::quoted;
use crate::location::{Location, Subject};
use crate::suggest::suggest_names;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (index, link) in wiring.graph.links.iter().enumerate() {
        for id in [&link.from.node, &link.to.node] {
            unless_there(wiring, id, || of_link(index, link), found);
        }
    }
    for settings in &wiring.graph.settings {
        let place = || Location::from(Subject::Node(settings.node.clone())).at(settings.at);
        unless_there(wiring, &settings.node, place, found);
    }
    for frame in &wiring.graph.frames {
        for id in &frame.nodes {
            unless_there(wiring, id, || of_frame(frame), found);
        }
    }
}

fn unless_there(wiring: &Wiring, id: &str, place: impl Fn() -> Location, found: &mut Found) {
    if wiring.place(id).is_some() {
        return;
    }
    let may_search = found.may_search();
    found.add(place(), format!("no node has the id {}", quoted(id)));
    if may_search {
        let ids = wiring.graph.nodes.iter().map(|node| node.id.as_str());
        if let Some(near) = suggest_names(id, ids).first() {
            found.suggest(format!("{near}?"));
        }
    }
}
