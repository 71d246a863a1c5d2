//! The result of a check, with exactly four fields.

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;

use crate::canonical::canonical;
use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::location::Subject;
use crate::model::{Graph, Link};
use crate::wiring::Wiring;
use crate::{json, mermaid, rules};

/// The result in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// No rule is broken.
    GraphOk,
    /// At least one rule is broken.
    ErrorsFound,
}

/// The result of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The graph as a sketch; empty if the text could not be read.
    pub mermaid_code: String,
    /// The graph in canonical form; null if the text could not be read.
    pub graph_json: Option<Graph>,
    /// Whether there are errors.
    pub status: Status,
    /// All violations; empty if and only if the status is `GRAPH_OK`.
    pub errors: Vec<Diagnostic>,
}

impl Report {
    /// Runs the whole checklist once.
    pub fn for_graph(graph: &Graph, catalogue: &Catalogue) -> Self {
        let wiring = Wiring::new(graph, catalogue);
        let errors = rules::check(&wiring);
        let graph = canonical(&wiring);
        Self {
            mermaid_code: mermaid::write(&graph, catalogue),
            graph_json: Some(graph),
            status: Self::status_of(&errors),
            errors,
        }
    }

    /// Makes the report for a text that is no graph.
    pub fn unreadable(errors: Vec<Diagnostic>) -> Self {
        Self {
            mermaid_code: String::new(),
            graph_json: None,
            status: Self::status_of(&errors),
            errors,
        }
    }

    /// Puts questions first. Violations that only follow from an open question are left out.
    pub(crate) fn ask(&mut self, questions: Vec<Diagnostic>) {
        if questions.is_empty() {
            return;
        }
        let links = self.graph_json.as_ref().map(|graph| graph.links.as_slice());
        let links = links.unwrap_or_default();
        let asked: HashSet<&Subject> = questions.iter().map(|it| &it.location.subject).collect();
        let asked_links: HashSet<&str> = asked.iter().filter_map(|it| link_text(it)).collect();
        let ends =
            |link: &Link| [&link.from.node, &link.to.node].map(|id| Subject::Node(id.clone()));
        let is_asked = |link: &Link| asked_links.contains(link.text().as_str());
        let open_links = links.iter().filter(|link| is_asked(link));
        let open_ends: HashSet<Subject> = open_links.flat_map(ends).collect();
        let is_about = |error: &Diagnostic| match &error.location.subject {
            Subject::Link(index, _) => links.get(*index).is_some_and(|link| {
                is_asked(link) || ends(link).iter().any(|end| asked.contains(end))
            }),
            subject => asked.contains(subject) || open_ends.contains(subject),
        };
        let errors = std::mem::take(&mut self.errors).into_iter();
        let others: Vec<Diagnostic> = errors.filter(|error| !is_about(error)).collect();
        self.errors = questions.into_iter().chain(others).collect();
        self.status = Self::status_of(&self.errors);
    }

    fn status_of(errors: &[Diagnostic]) -> Status {
        match errors.is_empty() {
            true => Status::GraphOk,
            false => Status::ErrorsFound,
        }
    }

    /// Returns whether no rule is broken.
    pub fn is_ok(&self) -> bool {
        self.status == Status::GraphOk
    }
}

fn link_text(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Link(_, text) => Some(text),
        _ => None,
    }
}

impl fmt::Display for Report {
    /// Writes YAML with the two texts as blocks, for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_block(f, "mermaid_code", &self.mermaid_code)?;
        let graph = self.graph_json.as_ref().map(json::pretty);
        write_block(f, "graph_json", &graph.unwrap_or_default())?;
        let status = match self.status {
            Status::GraphOk => "GRAPH_OK",
            Status::ErrorsFound => "ERRORS_FOUND",
        };
        writeln!(f, "status: {status}")?;
        if self.errors.is_empty() {
            return writeln!(f, "errors: []");
        }
        writeln!(f, "errors:")?;
        for error in &self.errors {
            writeln!(f, "  - {}", yaml_string(&error.to_string()))?;
        }
        Ok(())
    }
}

fn write_block(f: &mut fmt::Formatter<'_>, key: &str, text: &str) -> fmt::Result {
    if text.is_empty() {
        return writeln!(f, "{key}: \"\"");
    }
    writeln!(f, "{key}: |")?;
    text.lines().try_for_each(|line| writeln!(f, "  {line}"))
}

/// Writes a text as a double-quoted scalar of YAML, which has the form of a JSON string.
fn yaml_string(text: &str) -> String {
    json::to_line(text)
}
