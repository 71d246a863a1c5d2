//! Writes the frames of a sketch: each subgraph inside its parent.

use std::collections::{HashMap, HashSet};

use super::text::{escape, push_line, write_id};
use crate::model::{Frame, Graph};

/// Frames, grouped by parent.
pub(super) struct FrameTree<'a> {
    roots: Vec<&'a Frame>,
    children: HashMap<&'a str, Vec<&'a Frame>>,
}

impl<'a> FrameTree<'a> {
    pub(super) fn new(graph: &'a Graph) -> Self {
        let ids: HashSet<&str> = graph.frames.iter().map(|frame| frame.id.as_str()).collect();
        let (mut roots, mut children) = (Vec::new(), HashMap::<&str, Vec<&Frame>>::new());
        for frame in &graph.frames {
            match frame
                .parent
                .as_deref()
                .filter(|parent| ids.contains(parent))
            {
                Some(parent) => children.entry(parent).or_default().push(frame),
                None => roots.push(frame),
            }
        }
        Self { roots, children }
    }

    /// Writes each frame inside its parent. Not recursive, because all frames can be nested in one another.
    pub(super) fn write(mut self, out: &mut String) {
        let mut open: Vec<Step> = self.roots.iter().rev().map(|it| Step::Begin(it)).collect();
        let mut depth = 1;
        while let Some(step) = open.pop() {
            let Step::Begin(frame) = step else {
                depth -= 1;
                push_line(out, depth, "end");
                continue;
            };
            let label = escape(&frame.label);
            push_line(
                out,
                depth,
                &format!("subgraph {}[\"{label}\"]", write_id(&frame.id)),
            );
            depth += 1;
            for node in &frame.nodes {
                push_line(out, depth, &write_id(node));
            }
            open.push(Step::End);
            let children = self.children.remove(frame.id.as_str()).unwrap_or_default();
            open.extend(children.into_iter().rev().map(Step::Begin));
        }
    }
}

/// A step of writing: the beginning or the end of a frame.
enum Step<'a> {
    Begin(&'a Frame),
    End,
}
