//! Reads the lines of a sketch one by one.

use std::collections::{HashMap, HashSet};

use super::line::{Line, Parsed, error};
use super::tokens::{read_id, read_title, split_label, unexpected_text};
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::location::Position;
use crate::model::{Frame, Graph, Link, Node};

/// Statements about the look of a drawing. They are skipped: notes hold the same more exactly.
pub(super) const STYLE_STATEMENTS: &[&str] =
    &["style", "classDef", "class", "linkStyle", "direction"];

/// The content of the lines that have been read.
#[derive(Default)]
pub(super) struct Sketch<'a> {
    pub graph: Graph,
    /// The title of each node, by index; `None` while the sketch has only mentioned the node.
    pub titles: Vec<Option<String>>,
    /// From a node's id to its index.
    pub nodes: HashMap<&'a str, usize>,
    /// For each link: whether its label names no input.
    pub is_open: Vec<bool>,
    /// Comments, some of which are notes.
    pub comments: Vec<Line<'a>>,
    pub errors: Vec<Diagnostic>,
    has_header: bool,
    /// Indices of the frames that have not ended.
    open_frames: Vec<usize>,
    /// Pairs of frame and node: the nodes that each frame already has.
    framed: HashSet<(usize, usize)>,
}

impl<'a> Sketch<'a> {
    /// Reads the next line; adds an error if it cannot be read.
    pub(super) fn read_line(&mut self, line: Line<'a>) {
        if let Err(error) = self.read_statement(line) {
            self.errors.push(*error);
        }
    }

    fn read_statement(&mut self, mut line: Line<'a>) -> Parsed<()> {
        if line.is_empty() {
            return Ok(());
        }
        if line.take("%%") {
            self.comments.push(line);
            return Ok(());
        }
        if !self.has_header {
            return self.read_header(&mut line);
        }
        if STYLE_STATEMENTS.iter().any(|word| line.take_word(word)) {
            return Ok(());
        }
        if line.take_word("subgraph") {
            self.begin_frame(&mut line)?;
        } else if line.take_word("end") {
            self.close_frame(&line)?;
        } else {
            self.read_links(&mut line)?;
        }
        line.take(";");
        match line.is_empty() {
            true => Ok(()),
            false => Err(unexpected_text(&line)),
        }
    }

    fn read_header(&mut self, line: &mut Line) -> Parsed<()> {
        let suggestion = "begin the sketch with flowchart LR: links lead from left to right, from outputs to inputs";
        let is_header = line.take_word("flowchart") && line.take_word("LR");
        line.take(";");
        // A wrong header is one error, not one for each line.
        self.has_header = true;
        match is_header && line.is_empty() {
            true => Ok(()),
            false => Err(line.error("expected flowchart LR", suggestion)),
        }
    }

    fn begin_frame(&mut self, line: &mut Line<'a>) -> Parsed<()> {
        let at = line.at();
        let id = read_id(line)?;
        let label = read_title(line)?;
        self.open_frame(id.to_owned(), label.unwrap_or_else(|| id.to_owned()), at)
    }

    /// Begins a frame in the open one.
    pub(super) fn open_frame(&mut self, id: String, label: String, at: Position) -> Parsed<()> {
        if self.graph.frames.len() >= limits::FRAMES {
            let message = format!("more than {} frames", limits::FRAMES);
            return Err(error(at, message, ""));
        }
        let parent = self.open_frames.last();
        let parent = parent.and_then(|index| self.graph.frames.get(*index));
        let frame = Frame {
            id,
            label,
            parent: parent.map(|frame| frame.id.clone()),
            at: Some(at),
            ..Frame::default()
        };
        self.open_frames.push(self.graph.frames.len());
        self.graph.frames.push(frame);
        Ok(())
    }

    /// Ends the open frame.
    pub(super) fn close_frame(&mut self, line: &Line) -> Parsed<()> {
        let frame = self.open_frames.pop();
        let none = || line.error("no subgraph is open here", "leave out this end");
        frame.map(|_| ()).ok_or_else(none)
    }

    /// Reads a node, or a chain of links.
    fn read_links(&mut self, line: &mut Line<'a>) -> Parsed<()> {
        let mut from = self.read_node(line)?;
        while line.take("-->") {
            let at = line.at();
            if !line.take("|") {
                let example = "name the output between bars: n1 --> |Mesh| n2";
                return Err(line.error("this link names no socket", example));
            }
            let label = line
                .take_until("|")
                .ok_or_else(|| line.error("the label has no end", "close it with |"))?;
            let (output, input) = split_label(label, at)?;
            let to = self.read_node(line)?;
            self.is_open.push(input.is_none());
            let input = input.unwrap_or_else(|| output.clone());
            self.push_link(&from, to.clone(), (output, input), at)?;
            from = to;
        }
        Ok(())
    }

    /// Adds a link between nodes, with the names of output and input.
    pub(super) fn push_link(
        &mut self,
        from: &str,
        to: String,
        (output, input): (String, String),
        at: Position,
    ) -> Parsed<()> {
        if self.graph.links.len() >= limits::LINKS {
            let message = format!("more than {} links", limits::LINKS);
            return Err(error(at, message, ""));
        }
        let mut link = Link {
            at: Some(at),
            ..Link::default()
        };
        (link.from.node, link.from.socket) = (from.to_owned(), output);
        (link.to.node, link.to.socket) = (to, input);
        self.graph.links.push(link);
        Ok(())
    }

    /// Reads a node, which can have its title anywhere in the sketch; returns its id.
    fn read_node(&mut self, line: &mut Line<'a>) -> Parsed<String> {
        let at = line.at();
        let id = read_id(line)?;
        let title = read_title(line)?;
        self.mention(id, title, at)?;
        Ok(id.to_owned())
    }

    /// Adds a node, or gives its title to a known one, and puts it into the open frame.
    pub(super) fn mention(
        &mut self,
        id: &'a str,
        title: Option<String>,
        at: Position,
    ) -> Parsed<()> {
        let index = self.add_node(id, at)?;
        if let (Some(title), Some(slot)) = (title, self.titles.get_mut(index)) {
            if slot.as_ref().is_some_and(|known| *known != title) {
                let message = format!("{id} already has another title");
                return Err(error(at, message, "give each node an id of its own"));
            }
            *slot = Some(title);
        }
        if let Some(frame) = self.open_frames.last()
            && self.framed.insert((*frame, index))
            && let Some(frame) = self.graph.frames.get_mut(*frame)
        {
            frame.nodes.push(id.to_owned());
        }
        Ok(())
    }

    /// Returns the index of the node with this id; adds the node if it is new.
    fn add_node(&mut self, id: &'a str, at: Position) -> Parsed<usize> {
        if let Some(index) = self.nodes.get(id) {
            return Ok(*index);
        }
        let index = self.graph.nodes.len();
        if index >= limits::NODES {
            let message = format!("more than {} nodes", limits::NODES);
            return Err(error(at, message, ""));
        }
        self.nodes.insert(id, index);
        self.titles.push(None);
        self.graph.nodes.push(Node {
            id: id.to_owned(),
            at: Some(at),
            ..Node::default()
        });
        Ok(index)
    }

    /// Adds the errors that only the end of the sketch shows.
    pub(super) fn finish(&mut self) {
        if !self.has_header {
            let message = "the text holds no sketch";
            let suggestion = "begin it with flowchart LR";
            self.errors
                .push(*error(Position::START, message, suggestion));
        }
        self.check_frames();
        let titled = self.graph.nodes.iter().zip(&self.titles);
        for (node, _) in titled.filter(|(_, title)| title.is_none()) {
            let at = node.at.unwrap_or(Position::START);
            let message = format!("the node {} has no title", node.id);
            let example = format!("{}[\"SetPosition\"]", node.id);
            self.errors.push(*error(at, message, &example));
        }
    }

    /// Adds an error for each frame that has not ended.
    pub(super) fn check_frames(&mut self) {
        let frames = self.open_frames.iter();
        for frame in frames.filter_map(|index| self.graph.frames.get(*index)) {
            let at = frame.at.unwrap_or(Position::START);
            let message = format!("the subgraph {} has no end", frame.id);
            self.errors.push(*error(at, message, "add a line with end"));
        }
    }
}
