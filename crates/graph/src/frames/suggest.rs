//! Makes frames for groups of nodes: their ids, titles and colors.

use std::collections::{HashMap, HashSet};

use super::role::Role;
use super::unframed::UnframedNodes;
use crate::model::{Frame, Graph};

/// The way to group nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// By links.
    Connectivity,
    /// By role.
    Type,
}

/// Returns frames for the nodes of a graph that are in no frame. Reroutes get none: they move with their neighbors.
pub fn suggest_frames(graph: &Graph, strategy: Strategy) -> Vec<Frame> {
    let unframed = UnframedNodes::new(graph);
    let groups = match strategy {
        Strategy::Type => unframed.group_by_role(),
        Strategy::Connectivity => unframed.group_by_links(),
    };
    let parts = groups.iter().flat_map(|group| unframed.split(group));
    let mut used_ids: HashSet<String> = graph.nodes.iter().map(|node| node.id.clone()).collect();
    used_ids.extend(graph.frames.iter().map(|frame| frame.id.clone()));
    let mut counts: HashMap<Role, usize> = HashMap::new();
    parts
        .map(|part| {
            let role = unframed.main_role(&part);
            let number = counts.entry(role).or_default();
            *number += 1;
            let title = match *number {
                1 => role.name().to_owned(),
                number => format!("{} {number}", role.name()),
            };
            let mut id = format!("frame_{}", title.replace(' ', "_"));
            while !used_ids.insert(id.clone()) {
                id.push('_');
            }
            Frame {
                id,
                label: capitalize(&title),
                color: Some(role.color()),
                nodes: part
                    .iter()
                    .filter_map(|node| unframed.ids.get(*node))
                    .map(|it| (*it).to_owned())
                    .collect(),
                ..Frame::default()
            }
        })
        .collect()
}

fn capitalize(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
