//! What came of a graph, in exactly four fields.

use std::fmt;

use serde::Serialize;

use crate::canonical::canonical;
use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::model::Graph;
use crate::wiring::Wiring;
use crate::{json, mermaid, rules};

/// Whether Blender would build it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// No rule is broken.
    GraphOk,
    /// The errors say which rules are.
    ErrorsFound,
}

/// The result of a check.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The graph as a sketch; empty where the text could not be read.
    pub mermaid_code: String,
    /// The graph in canonical form; null where the text could not be read.
    pub graph_json: Option<Graph>,
    /// The verdict.
    pub status: Status,
    /// Every violation; empty if and only if the status is `GRAPH_OK`.
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
            status: Self::status(&errors),
            errors,
        }
    }

    /// Of a text that is no graph.
    pub fn unreadable(errors: Vec<Diagnostic>) -> Self {
        Self {
            mermaid_code: String::new(),
            graph_json: None,
            status: Self::status(&errors),
            errors,
        }
    }

    fn status(errors: &[Diagnostic]) -> Status {
        match errors.is_empty() {
            true => Status::GraphOk,
            false => Status::ErrorsFound,
        }
    }

    /// Whether no rule is broken.
    pub fn is_ok(&self) -> bool {
        self.status == Status::GraphOk
    }
}

impl fmt::Display for Report {
    /// For people: YAML with the two texts as blocks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        block(f, "mermaid_code", &self.mermaid_code)?;
        let graph = self.graph_json.as_ref().map(json::pretty);
        block(f, "graph_json", &graph.unwrap_or_default())?;
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
            writeln!(f, "  - {}", yaml(&error.to_string()))?;
        }
        Ok(())
    }
}

fn block(f: &mut fmt::Formatter<'_>, key: &str, text: &str) -> fmt::Result {
    if text.is_empty() {
        return writeln!(f, "{key}: \"\"");
    }
    writeln!(f, "{key}: |")?;
    text.lines().try_for_each(|line| writeln!(f, "  {line}"))
}

/// A text as a double-quoted scalar of YAML, which is that of JSON.
fn yaml(text: &str) -> String {
    json::line(text)
}
