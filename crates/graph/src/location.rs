//! Locations of problems: in the graph, and in the text that it was read from.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
pub use vibesync_json::Position;

/// The part of a graph that has a problem.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub enum Subject {
    /// The graph as a whole.
    #[default]
    Graph,
    /// A node, by id.
    Node(String),
    /// A link: its index in `links`, and `n1.Mesh -> n2.Geometry`.
    Link(usize, String),
    /// A frame, by id.
    Frame(String),
    /// An input of the group, by name.
    Input(String),
    /// An output of the group, by name.
    Output(String),
}

/// The location of a problem: a part of the graph, and a position in the text.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Location {
    /// The part of the graph.
    pub subject: Subject,
    /// A detail of it: a key of `node_settings`, a socket, a member of the JSON object.
    pub key: Option<String>,
    /// The position, if the graph was read from a text.
    pub position: Option<Position>,
}

impl Location {
    /// Makes a location in a text that is not a graph yet.
    pub fn in_text(position: Position) -> Self {
        let position = Some(position);
        Self {
            position,
            ..Self::default()
        }
    }

    /// Sets the detail.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets the position, if it is known.
    #[must_use]
    pub fn at(mut self, position: Option<Position>) -> Self {
        self.position = position.or(self.position);
        self
    }
}

impl From<Subject> for Location {
    fn from(subject: Subject) -> Self {
        Self {
            subject,
            ..Self::default()
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.subject {
            Subject::Graph => f.write_str("graph")?,
            Subject::Node(id) => write!(f, "node {id}")?,
            Subject::Link(index, text) => write!(f, "link {index}: {text}")?,
            Subject::Frame(id) => write!(f, "frame {id}")?,
            Subject::Input(name) => write!(f, "input {name}")?,
            Subject::Output(name) => write!(f, "output {name}")?,
        }
        if let Some(key) = &self.key {
            write!(f, ", {key}")?;
        }
        match self.position {
            Some(position) => write!(f, " ({position})"),
            None => Ok(()),
        }
    }
}

impl Serialize for Location {
    /// Writes the known parts only: `{"node":"n1","key":"Vertices","line":3,"column":9}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match &self.subject {
            Subject::Graph => {}
            Subject::Node(id) => map.serialize_entry("node", id)?,
            Subject::Link(index, text) => {
                map.serialize_entry("link", index)?;
                map.serialize_entry("ends", text)?;
            }
            Subject::Frame(id) => map.serialize_entry("frame", id)?,
            Subject::Input(name) => map.serialize_entry("input", name)?,
            Subject::Output(name) => map.serialize_entry("output", name)?,
        }
        if let Some(key) = &self.key {
            map.serialize_entry("key", key)?;
        }
        if let Some(Position { line, column }) = self.position {
            map.serialize_entry("line", &line)?;
            map.serialize_entry("column", &column)?;
        }
        map.end()
    }
}

/// Characters that an excerpt shows on either side of the position.
const CONTEXT_CHARS: usize = 60;

/// Returns the line at a position, with a caret below the position; empty if the text has no such line.
pub fn excerpt(text: &str, position: Position) -> String {
    let line = usize::try_from(position.line).unwrap_or(usize::MAX);
    let column = usize::try_from(position.column).unwrap_or(usize::MAX);
    let Some(content) = text.lines().nth(line.saturating_sub(1)) else {
        return String::new();
    };
    let before = column.saturating_sub(1);
    let skipped = before.saturating_sub(CONTEXT_CHARS);
    let shown = content.chars().skip(skipped).take(2 * CONTEXT_CHARS);
    // A blank replaces tabs and control characters, so that the caret is at the right column.
    let shown: String = shown
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let caret = " ".repeat(before.saturating_sub(skipped));
    format!("{line:>5} | {}\n      | {caret}^", shown.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caret_is_below_the_position() {
        let position = Position { line: 2, column: 4 };
        let shown = excerpt("first\n\täb?c\nlast", position);
        assert_eq!(shown, "    2 |  äb?c\n      |    ^");
    }

    #[test]
    fn long_line_is_cut_around_the_position() {
        let text = format!("{}!{}", "a".repeat(5000), "b".repeat(5000));
        let position = Position::START.after("a".repeat(5000).as_bytes());
        let shown = excerpt(&text, position);
        assert!(shown.len() < 300, "{shown}");
        let caret = shown.lines().nth(1).and_then(|line| line.find('^'));
        assert_eq!(caret, shown.find('!'));
    }

    #[test]
    fn position_after_the_text_has_no_excerpt() {
        let position = Position { line: 9, column: 1 };
        assert_eq!(excerpt("one line", position), "");
    }
}
