//! A draft: a graph, and beside it the texts that its open parts are inferred from.

use super::values::DrawnValue;
use crate::fix::Fix;
use crate::model::Graph;

/// A graph with open parts. A socket without a name is open, and so is a type that the catalogue does not have.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    /// The graph. The type of an open node is its title.
    pub graph: Graph,
    /// For each node: what its title says beside the type.
    pub titles: Vec<Title>,
    /// For each link: what its label says.
    pub labels: Vec<Label>,
    /// The inferences so far, in order.
    pub fixes: Vec<Fix>,
}

/// An operation of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The type.
    pub idname: &'static str,
    /// The item of its property `operation`.
    pub item: String,
}

/// The title of a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Title {
    /// The text; the node's id if the node has no title.
    pub text: String,
    /// Whether the text is the id.
    pub is_id: bool,
    /// The operations that the text can mean, until one of them gives the type.
    pub operations: Vec<Operation>,
    /// Values in the title that are not assigned yet.
    pub values: Vec<DrawnValue>,
}

/// The label of a link.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Label {
    /// Names no socket.
    #[default]
    Nothing,
    /// Names the output, the input, or both.
    Either(String),
    /// Names each end, or one of them.
    Ends(Option<String>, Option<String>),
}

impl Label {
    /// Returns the name that can mean the output.
    pub fn output(&self) -> Option<&str> {
        match self {
            Label::Nothing => None,
            Label::Either(name) => Some(name),
            Label::Ends(output, _) => output.as_deref(),
        }
    }

    /// Returns the name that can mean the input.
    pub fn input(&self) -> Option<&str> {
        match self {
            Label::Nothing => None,
            Label::Either(name) => Some(name),
            Label::Ends(_, input) => input.as_deref(),
        }
    }
}

impl Draft {
    /// Makes a draft of a graph whose sockets all have names.
    pub fn of_graph(graph: Graph) -> Self {
        let titles = graph.nodes.iter().map(|node| Title {
            text: node.idname.clone(),
            ..Title::default()
        });
        Self {
            titles: titles.collect(),
            labels: vec![Label::Nothing; graph.links.len()],
            fixes: Vec::new(),
            graph,
        }
    }

    /// Returns whether an end of a link is open.
    pub fn has_open_links(&self) -> bool {
        let mut links = self.graph.links.iter();
        links.any(|link| link.from.socket.is_empty() || link.to.socket.is_empty())
    }
}
