//! A sketch to a graph. Every line that cannot be read is told, not only the first.

use std::collections::{HashMap, HashSet};

use super::line::{Line, Read, fault};
use super::text::unescape;
use super::{meant, notes};
use crate::catalogue::Catalogue;
use crate::diagnostic::{Diagnostic, quoted};
use crate::json;
use crate::limits;
use crate::location::Position;
use crate::model::{Frame, Graph, Link, Node};

/// What is said about looks, which notes say more exactly.
const LOOKS: &[&str] = &["style", "classDef", "class", "linkStyle", "direction"];

/// Reads a sketch. Names of nodes and sockets that leave something open are completed from a catalogue
/// (`docs/graphs.md`); what it does not know stays as it is written, for the checklist to tell.
pub fn read(bytes: &[u8], catalogue: &Catalogue) -> Result<Graph, Vec<Diagnostic>> {
    let text = json::text(bytes).map_err(|error| vec![*error])?;
    let mut sketch = Sketch::default();
    for (number, line) in (1..).zip(text.lines()) {
        if let Err(error) = sketch.line(Line::new(line, number)) {
            sketch.faults.push(*error);
        }
    }
    sketch.end();
    notes::apply(&mut sketch, catalogue);
    if !sketch.faults.is_empty() {
        return Err(sketch.faults);
    }
    meant::sockets(&mut sketch.graph, &sketch.open, catalogue);
    Ok(sketch.graph)
}

/// What has been read so far.
#[derive(Default)]
pub(super) struct Sketch<'a> {
    pub graph: Graph,
    /// What each node is called between its brackets, by index; none where it has only been mentioned.
    pub titles: Vec<Option<String>>,
    /// From a node's id to its index.
    pub nodes: HashMap<&'a str, usize>,
    /// For each link whether its input is not named.
    pub open: Vec<bool>,
    /// Comments that begin with a word and a colon.
    pub notes: Vec<Line<'a>>,
    pub faults: Vec<Diagnostic>,
    began: bool,
    /// Frames that have not ended, by index.
    frames: Vec<usize>,
    /// Which frame has which node already.
    framed: HashSet<(usize, usize)>,
}

impl<'a> Sketch<'a> {
    fn line(&mut self, mut line: Line<'a>) -> Read<()> {
        if line.is_empty() {
            return Ok(());
        }
        if line.take("%%") {
            self.notes.push(line);
            return Ok(());
        }
        if !self.began {
            return self.begin(&mut line);
        }
        if LOOKS.iter().any(|word| line.take_word(word)) {
            return Ok(());
        }
        if line.take_word("subgraph") {
            self.frame(&mut line)?;
        } else if line.take_word("end") {
            let ended = self.frames.pop();
            ended.ok_or_else(|| line.fault("no subgraph is open here", "leave this end out"))?;
        } else {
            self.links(&mut line)?;
        }
        line.take(";");
        match line.is_empty() {
            true => Ok(()),
            false => Err(after(&line)),
        }
    }

    fn begin(&mut self, line: &mut Line) -> Read<()> {
        let expected =
            "a sketch begins with flowchart LR: from left to right, from outputs to inputs";
        let begins = line.take_word("flowchart") && line.take_word("LR");
        line.take(";");
        // One wrong beginning is one fault, not one a line.
        self.began = true;
        match begins && line.is_empty() {
            true => Ok(()),
            false => Err(line.fault("expected flowchart LR", expected)),
        }
    }

    fn frame(&mut self, line: &mut Line<'a>) -> Read<()> {
        let at = line.at();
        let id = identifier(line)?;
        let label = title(line)?;
        if self.graph.frames.len() >= limits::FRAMES {
            return Err(fault(
                at,
                format!("more than {} frames", limits::FRAMES),
                "",
            ));
        }
        let parent = self
            .frames
            .last()
            .and_then(|place| self.graph.frames.get(*place));
        let frame = Frame {
            id: id.to_owned(),
            label: label.unwrap_or_else(|| id.to_owned()),
            parent: parent.map(|frame| frame.id.clone()),
            at: Some(at),
            ..Frame::default()
        };
        self.frames.push(self.graph.frames.len());
        self.graph.frames.push(frame);
        Ok(())
    }

    /// A node, or a chain of links.
    fn links(&mut self, line: &mut Line<'a>) -> Read<()> {
        let mut from = self.node(line)?;
        while line.take("-->") {
            let at = line.at();
            if !line.take("|") {
                let example = "name the output between bars: n1 --> |Mesh| n2";
                return Err(line.fault("this link names no socket", example));
            }
            let label = line
                .until("|")
                .ok_or_else(|| line.fault("the label has no end", "close it with |"))?;
            let (output, input) = sockets(label, at)?;
            let to = self.node(line)?;
            self.link(&from, to.clone(), (output, input), at)?;
            from = to;
        }
        Ok(())
    }

    fn link(
        &mut self,
        from: &str,
        to: String,
        (output, input): (String, Option<String>),
        at: Position,
    ) -> Read<()> {
        if self.graph.links.len() >= limits::LINKS {
            return Err(fault(at, format!("more than {} links", limits::LINKS), ""));
        }
        let mut link = Link {
            at: Some(at),
            ..Link::default()
        };
        self.open.push(input.is_none());
        link.to.socket = input.unwrap_or_else(|| output.clone());
        (link.from.node, link.from.socket, link.to.node) = (from.to_owned(), output, to);
        self.graph.links.push(link);
        Ok(())
    }

    /// A node, with its title where it stands for the first time.
    fn node(&mut self, line: &mut Line<'a>) -> Read<String> {
        let at = line.at();
        let id = identifier(line)?;
        let title = title(line)?;
        let known = self.nodes.get(id).copied();
        let place = known.unwrap_or(self.graph.nodes.len());
        if known.is_none() {
            if place >= limits::NODES {
                return Err(fault(at, format!("more than {} nodes", limits::NODES), ""));
            }
            self.nodes.insert(id, place);
            self.titles.push(None);
            self.graph.nodes.push(Node {
                id: id.to_owned(),
                at: Some(at),
                ..Node::default()
            });
        }
        if let (Some(title), Some(slot)) = (title, self.titles.get_mut(place)) {
            if slot.as_ref().is_some_and(|known| *known != title) {
                let message = format!("{id} is another node already");
                return Err(fault(at, message, "give each node an id of its own"));
            }
            *slot = Some(title);
        }
        if let Some(frame) = self.frames.last()
            && self.framed.insert((*frame, place))
            && let Some(frame) = self.graph.frames.get_mut(*frame)
        {
            frame.nodes.push(id.to_owned());
        }
        Ok(id.to_owned())
    }

    /// What can only be seen at the end.
    fn end(&mut self) {
        if !self.began {
            let message = "there is no sketch here";
            self.faults
                .push(*fault(Position::START, message, "begin with flowchart LR"));
        }
        for frame in self
            .frames
            .iter()
            .filter_map(|place| self.graph.frames.get(*place))
        {
            let at = frame.at.unwrap_or(Position::START);
            let message = format!("the subgraph {} has no end", frame.id);
            self.faults.push(*fault(at, message, "add a line with end"));
        }
        let named = self.graph.nodes.iter().zip(&self.titles);
        let nameless = named.filter(|(_, title)| title.is_none());
        for (node, _) in nameless {
            let at = node.at.unwrap_or(Position::START);
            let message = format!("nothing says what {} is", node.id);
            let example = format!("{}[\"SetPosition\"]", node.id);
            self.faults.push(*fault(at, message, &example));
        }
    }
}

fn identifier<'a>(line: &mut Line<'a>) -> Read<&'a str> {
    let at = line.at();
    match line.word() {
        "" => Err(fault(
            at,
            "expected the id of a node",
            "letters, digits and _: n1",
        )),
        id => Ok(id),
    }
}

/// What stands between `["` and `"]`, if anything does.
fn title(line: &mut Line) -> Read<Option<String>> {
    let example = "write it as n1[\"MeshCone\"]";
    if line.take("[\"") {
        let text = line.until("\"]");
        let text = text.ok_or_else(|| line.fault("the title has no end", "close it with \"]"))?;
        return Ok(Some(unescape(text.trim())));
    }
    match line.rest().starts_with(['[', '(', '{', '>']) {
        true => Err(line.fault(
            "a title stands in square brackets and double quotes",
            example,
        )),
        false => Ok(None),
    }
}

/// The output that a label names, and the input where it names that too: `Mesh > Geometry`.
fn sockets(label: &str, at: Position) -> Read<(String, Option<String>)> {
    let label = label.trim();
    let bare = label
        .strip_prefix('"')
        .and_then(|label| label.strip_suffix('"'));
    let (output, input) = match bare.unwrap_or(label).split_once('>') {
        Some((output, input)) => (output, Some(input)),
        None => (bare.unwrap_or(label), None),
    };
    let name = |text: &str| unescape(text.trim());
    let (output, input) = (name(output), input.map(name));
    if output.is_empty() || input.as_ref().is_some_and(String::is_empty) {
        return Err(fault(
            at,
            "a label names a socket",
            "|Mesh| or |Mesh > Geometry|",
        ));
    }
    Ok((output, input))
}

/// What stands where the line should have ended.
fn after(line: &Line) -> Box<crate::diagnostic::Diagnostic> {
    let rest = line.rest();
    let suggestion = match rest.chars().next() {
        Some('-' | '=' | '.' | '<') => "a link is written as n1 --> |Mesh| n2",
        Some('&') => "a line for each link",
        Some('`') => "leave the fence out",
        _ => "a line for each node or link",
    };
    line.fault(format!("{} does not belong here", quoted(rest)), suggestion)
}
