//! A node is in at most one frame, and no frame is in itself.

use std::collections::{HashMap, HashSet};

use super::violations::Violations;
use crate::diagnostic::quote;
use crate::model::Frame;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let frames = &wiring.graph.frames;
    let mut in_frame: HashMap<&str, &str> = HashMap::new();
    let by_id: HashMap<&str, &Frame> = frames.iter().map(|it| (it.id.as_str(), it)).collect();
    for frame in frames {
        for node in &frame.nodes {
            if let Some(first) = in_frame.insert(node, &frame.id) {
                let message = format!(
                    "the node {} is already in frame {}",
                    quote(node),
                    quote(first)
                );
                violations.add(frame.location(), message);
                violations
                    .suggest("put the node in one frame only; frames can be nested with a parent");
            }
        }
        let Some(parent) = frame.parent.as_deref() else {
            continue;
        };
        if !by_id.contains_key(parent) {
            let message = format!("no frame has the id {}", quote(parent));
            violations.add(frame.location().with_key("parent"), message);
        } else if is_in_itself(frame, &by_id) {
            violations.add(
                frame.location().with_key("parent"),
                "the frame is inside itself",
            );
            violations.suggest("remove one parent of the cycle");
        }
    }
}

/// Returns whether the parents of a frame lead back to it.
fn is_in_itself(frame: &Frame, by_id: &HashMap<&str, &Frame>) -> bool {
    let mut seen = HashSet::new();
    let mut above = frame.parent.as_deref();
    while let Some(id) = above {
        if id == frame.id {
            return true;
        }
        if !seen.insert(id) {
            return false;
        }
        above = by_id.get(id).and_then(|frame| frame.parent.as_deref());
    }
    false
}
