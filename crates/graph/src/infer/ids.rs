//! Makes ids plain words: `Set Position.001` becomes `Set_Position_001`.

use std::collections::{HashMap, HashSet};

use crate::draft::Draft;
use crate::fix::Fix;
use crate::limits;
use crate::rules::is_plain_id;

/// Renames nodes whose id is no plain word, everywhere in the graph.
pub(super) fn make_plain(draft: &mut Draft) {
    let graph = &mut draft.graph;
    let ids = graph.nodes.iter().map(|node| &node.id);
    let mut known: HashSet<String> = ids
        .chain(graph.frames.iter().map(|it| &it.id))
        .cloned()
        .collect();
    let mut names: HashMap<String, String> = HashMap::new();
    for node in &mut graph.nodes {
        if is_plain_id(&node.id) || names.contains_key(&node.id) {
            continue;
        }
        let name = unused(&plain(&node.id), &known);
        known.insert(name.clone());
        let done = format!("its id is now {name}: ids are plain words");
        draft.fixes.push(Fix::new(node.location(), done));
        names.insert(node.id.clone(), name);
    }
    if names.is_empty() {
        return;
    }
    let rename = |id: &mut String| {
        if let Some(name) = names.get(id) {
            id.clone_from(name);
        }
    };
    for node in &mut graph.nodes {
        rename(&mut node.id);
        node.pair.iter_mut().for_each(rename);
    }
    for link in &mut graph.links {
        rename(&mut link.from.node);
        rename(&mut link.to.node);
    }
    graph
        .settings
        .iter_mut()
        .for_each(|it| rename(&mut it.node));
    for frame in &mut graph.frames {
        frame.nodes.iter_mut().for_each(rename);
    }
}

/// Returns an id as a plain word.
fn plain(id: &str) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut name: String = id.chars().map(word).take(limits::NAME - 8).collect();
    if !is_plain_id(&name) {
        name.insert_str(0, "n_");
    }
    name
}

fn unused(name: &str, known: &HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    names.find(|it| !known.contains(it)).unwrap_or_default()
}
