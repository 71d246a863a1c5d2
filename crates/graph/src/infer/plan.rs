//! Steps and questions: the results of an inference.

use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, DrawnValue, Label, Operation};
use crate::fix::Fix;
use crate::location::Location;
use crate::model::{Item, Link, Node, Setting, Settings, Value};

/// The name of the rule that questions have in a report.
pub(crate) const AMBIGUOUS: &str = "ambiguous";

/// Most choices of a question.
const MAX_CHOICES: usize = 24;

/// The result of an inference.
#[derive(Default)]
pub(super) struct Plan {
    /// Changes with only one meaning.
    pub steps: Vec<Step>,
    /// Questions where several are possible.
    pub questions: Vec<Diagnostic>,
}

/// A change of a draft, and the correction that is listed for it.
pub(super) struct Step {
    pub location: Location,
    /// The correction in one sentence, with the reason; empty if the text already says all.
    pub done: String,
    pub change: Change,
}

/// A change of a draft. Nodes and links are given by index.
pub(super) enum Change {
    /// Sets the type of a node; the values are still to be assigned.
    Type(usize, String, Vec<DrawnValue>),
    /// Records that the title is an operation of several types.
    Operation(usize, Vec<Operation>, Vec<DrawnValue>),
    /// Names both ends of a link.
    Ends(usize, String, String),
    /// Sets a property or an input of a node.
    Setting(usize, String, Value),
    /// Assigns a value of a title, given by its index, to a property or an input.
    Assign(usize, usize, String, Value),
    /// Moves a value of a title, given by its index, to the label of its node.
    Describe(usize, usize),
    /// Pairs the input of a zone with its output.
    Pair(usize, String),
    /// Sets the items of a node.
    Items(usize, Vec<Item>),
    /// Replaces the label of a link.
    Label(usize, Label),
    /// Adds a node.
    Node(Node),
    /// Adds a link.
    Link(Link),
}

impl Plan {
    pub(super) fn step(&mut self, location: Location, done: impl Into<String>, change: Change) {
        let done = done.into();
        self.steps.push(Step {
            location,
            done,
            change,
        });
    }

    /// Adds a question with its choices.
    pub(super) fn ask(
        &mut self,
        location: Location,
        message: impl Into<String>,
        choices: Vec<String>,
    ) {
        let question = Diagnostic::new(AMBIGUOUS, location, message);
        let choices = choices.into_iter().take(MAX_CHOICES);
        self.questions
            .push(question.with_choices(choices.collect()));
    }
}

impl Draft {
    /// Applies a step, and lists its correction.
    pub(super) fn apply(&mut self, step: Step) {
        if !step.done.is_empty() {
            self.fixes.push(Fix::new(step.location, step.done));
        }
        match step.change {
            Change::Type(node, idname, values) => {
                self.with_node(node, |node| node.idname = idname);
                if let Some(title) = self.titles.get_mut(node) {
                    title.operations.clear();
                    title.values.extend(values);
                }
            }
            Change::Operation(node, operations, values) => {
                if let Some(title) = self.titles.get_mut(node) {
                    title.operations = operations;
                    title.values.extend(values);
                }
            }
            Change::Ends(link, output, input) => {
                if let Some(link) = self.graph.links.get_mut(link) {
                    (link.from.socket, link.to.socket) = (output, input);
                }
            }
            Change::Setting(node, key, value) => self.set(node, key, value),
            Change::Assign(node, index, key, value) => {
                self.take_value(node, index);
                self.set(node, key, value);
            }
            Change::Describe(node, index) => {
                let text = self.take_value(node, index).map(|it| it.value.token());
                self.with_node(node, |node| node.label = node.label.take().or(text));
            }
            Change::Pair(node, pair) => self.with_node(node, |node| node.pair = Some(pair)),
            Change::Items(node, items) => self.with_node(node, |node| node.items = Some(items)),
            Change::Label(link, label) => {
                if let Some(known) = self.labels.get_mut(link) {
                    *known = label;
                }
            }
            Change::Node(node) => {
                self.graph.nodes.push(node);
                self.titles.push(Default::default());
            }
            Change::Link(link) => {
                self.graph.links.push(link);
                self.labels.push(Default::default());
            }
        }
    }

    fn with_node(&mut self, index: usize, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.graph.nodes.get_mut(index) {
            change(node);
        }
    }

    fn take_value(&mut self, node: usize, index: usize) -> Option<DrawnValue> {
        let values = &mut self.titles.get_mut(node)?.values;
        (index < values.len()).then(|| values.remove(index))
    }

    /// Adds a setting to a node.
    pub(super) fn set(&mut self, node: usize, key: String, value: Value) {
        let Some(id) = self.graph.nodes.get(node).map(|node| node.id.clone()) else {
            return;
        };
        let setting = Setting {
            key,
            value,
            at: None,
        };
        // The last entry counts if a node has several.
        match self.graph.settings.iter_mut().rfind(|it| it.node == id) {
            Some(settings) => settings.values.push(setting),
            None => self.graph.settings.push(Settings {
                node: id,
                values: vec![setting],
                at: None,
            }),
        }
    }
}
