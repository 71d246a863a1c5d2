//! A node is in one frame, and frames lie in one another without a circle.

use std::collections::{HashMap, HashSet};

use super::{Found, of_frame};
use crate::diagnostic::quoted;
use crate::model::Frame;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let frames = &wiring.graph.frames;
    let mut in_frame: HashMap<&str, &str> = HashMap::new();
    let by_id: HashMap<&str, &Frame> = frames.iter().map(|it| (it.id.as_str(), it)).collect();
    for frame in frames {
        for node in &frame.nodes {
            if let Some(first) = in_frame.insert(node, &frame.id) {
                let message = format!(
                    "the node {} is in frame {} already",
                    quoted(node),
                    quoted(first)
                );
                found.add(of_frame(frame), message);
                found.suggest("a node is in one frame; that may have a parent");
            }
        }
        let Some(parent) = frame.parent.as_deref() else {
            continue;
        };
        if !by_id.contains_key(parent) {
            let message = format!("no frame has the id {}", quoted(parent));
            found.add(of_frame(frame).key("parent"), message);
        } else if is_in_itself(frame, &by_id) {
            found.add(of_frame(frame).key("parent"), "the frame lies in itself");
            found.suggest("leave one parent of the circle out");
        }
    }
}

/// Whether a frame is met again on the way up from it.
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
