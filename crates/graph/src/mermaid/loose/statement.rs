//! Reads the statements of a sketch one by one.

use super::super::line::{Line, Parsed};
use super::super::sketch::{STYLE_STATEMENTS, Sketch};
use super::super::tokens::unexpected_text;
use super::arrow::read_arrow;
use super::frame::read_frame;
use super::label::read_label;
use super::shape::{read_id, read_title};
use crate::draft::Label;
use crate::limits;
use crate::location::Position;

/// A sketch while it is read, and the labels of its links.
#[derive(Default)]
pub(super) struct LooseSketch<'a> {
    pub sketch: Sketch<'a>,
    pub labels: Vec<Label>,
    /// The header, if there is one.
    pub header: Option<&'a str>,
    has_statements: bool,
}

/// Words that begin a sketch.
const HEADERS: &[&str] = &["flowchart", "graph"];
const DIRECTIONS: &[&str] = &["LR", "RL", "TD", "TB", "BT"];
/// Signs of a comment at the beginning of a line, other than that of Mermaid.
const COMMENTS: &[&str] = &["//", "#"];

impl<'a> LooseSketch<'a> {
    /// Reads the statements of a line; adds an error if one cannot be read.
    pub(super) fn read_line(&mut self, mut line: Line<'a>) {
        if COMMENTS.iter().any(|sign| line.rest().starts_with(sign)) {
            return;
        }
        while !line.is_empty() {
            if line.take("%%") {
                self.sketch.comments.push(line);
                return;
            }
            let read = self.read_statement(&mut line).and_then(|()| {
                let ends = line.take(";") || line.is_empty() || line.rest().starts_with("%%");
                ends.then_some(()).ok_or_else(|| unexpected_text(&line))
            });
            if let Err(error) = read {
                self.sketch.errors.push(*error);
                return;
            }
            while line.take(";") {}
        }
    }

    fn read_statement(&mut self, line: &mut Line<'a>) -> Parsed<()> {
        if !self.has_statements && self.read_header(line) {
            return Ok(());
        }
        self.has_statements = true;
        if STYLE_STATEMENTS.iter().any(|word| line.take_word(word)) || line.take_word("click") {
            let rest = line.rest().len();
            line.take_bytes(rest);
            return Ok(());
        }
        if line.take_word("subgraph") {
            let at = line.at();
            let (id, title) = read_frame(line)?;
            return self.sketch.open_frame(id, title, at);
        }
        let mut ahead = line.copy();
        if ahead.take_word("end") && (ahead.is_empty() || ahead.rest().starts_with(';')) {
            *line = ahead;
            return self.sketch.close_frame(line);
        }
        self.read_chain(line)
    }

    /// Reads `flowchart LR`, `graph TD` and the like; returns whether there was a header.
    fn read_header(&mut self, line: &mut Line<'a>) -> bool {
        let mut ahead = line.copy();
        let before = ahead.rest();
        if !HEADERS.iter().any(|word| ahead.take_word(word)) {
            return false;
        }
        let has_direction = DIRECTIONS.iter().any(|word| ahead.take_word(word));
        let is_header = has_direction || ahead.is_empty() || ahead.rest().starts_with(';');
        if is_header {
            let length = before.len() - ahead.rest().len();
            self.header = before.get(..length).map(str::trim);
            self.has_statements = true;
            *line = ahead;
        }
        is_header
    }

    /// Reads nodes, or a chain of links between them.
    fn read_chain(&mut self, line: &mut Line<'a>) -> Parsed<()> {
        let mut from = self.read_nodes(line)?;
        loop {
            let at = line.at();
            let Some(text) = read_arrow(line)? else {
                return Ok(());
            };
            let label = text.map(read_label).unwrap_or_default();
            let to = self.read_nodes(line)?;
            for output in &from {
                for input in &to {
                    self.add_link((output, input), label.clone(), at)?;
                }
            }
            from = to;
        }
    }

    fn add_link(&mut self, (from, to): (&str, &str), label: Label, at: Position) -> Parsed<()> {
        let ends = (String::new(), String::new());
        self.sketch.push_link(from, to.to_owned(), ends, at)?;
        self.labels.push(label);
        Ok(())
    }

    /// Reads one node, or several with `&` between them; returns their ids.
    fn read_nodes(&mut self, line: &mut Line<'a>) -> Parsed<Vec<String>> {
        let mut ids = Vec::new();
        loop {
            let at = line.at();
            let id = read_id(line)?;
            let title = read_title(line)?;
            self.sketch.mention(id, title, at)?;
            ids.push(id.to_owned());
            if ids.len() > limits::NODES {
                return Err(line.error(format!("more than {} nodes", limits::NODES), ""));
            }
            if !line.take("&") {
                return Ok(ids);
            }
        }
    }
}
