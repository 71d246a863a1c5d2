//! Runs the inferences on a draft until none finds anything more.

use super::plan::Plan;
use super::{
    captured_items, data_types, ends, generic_values, group_output, ids, missing_nodes, node_types,
    operations, values, zone_items, zone_pairs,
};
use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::draft::Draft;
use crate::fix::Fix;
use crate::location::Subject;
use crate::model::Graph;
use crate::wiring::Wiring;

/// A completed draft.
pub(crate) struct Inferred {
    /// The graph; what could not be inferred has the name that was written.
    pub graph: Graph,
    /// The inferences, in order.
    pub fixes: Vec<Fix>,
    /// Questions about parts with several meanings.
    pub questions: Vec<Diagnostic>,
}

/// An inference: reads a draft and its wiring, and plans steps.
type Inference = fn(&Draft, &Wiring) -> Plan;

/// Inferences that depend on the text alone. Each runs once.
const FIRST: &[Inference] = &[missing_nodes::infer, node_types::infer];

/// Inferences that can depend on the result of others, in the order in which their results are most certain.
const REPEATED: &[Inference] = &[
    operations::infer,
    generic_values::infer,
    zone_pairs::infer,
    zone_items::infer,
    captured_items::infer,
    ends::infer_labeled,
    data_types::infer,
    ends::infer_unlabeled,
    values::infer,
    group_output::infer,
];

/// Most rounds. Each makes all steps of one inference; a round later can need its result.
const MAX_ROUNDS: usize = 64;

/// Completes a draft.
pub(crate) fn infer(mut draft: Draft, catalogue: &Catalogue) -> Inferred {
    ids::make_plain(&mut draft);
    let mut questions = Vec::new();
    for inference in FIRST {
        let plan = inference(&draft, &Wiring::new(&draft.graph, catalogue));
        questions.extend(plan.questions);
        plan.steps.into_iter().for_each(|step| draft.apply(step));
    }
    generic_values::loosen_settings(&mut draft, catalogue);
    for _ in 0..MAX_ROUNDS {
        let Some(plan) = next_plan(&draft, catalogue) else {
            break;
        };
        plan.steps.into_iter().for_each(|step| draft.apply(step));
    }
    let wiring = Wiring::new(&draft.graph, catalogue);
    let asked = REPEATED.iter().map(|inference| inference(&draft, &wiring));
    questions.extend(asked.flat_map(|plan| plan.questions));
    drop(wiring);
    finish(draft, questions)
}

/// Infers only the types of values that nodes work on.
pub(crate) fn infer_data_types(mut draft: Draft, catalogue: &Catalogue) -> Inferred {
    let plan = data_types::infer(&draft, &Wiring::new(&draft.graph, catalogue));
    plan.steps.into_iter().for_each(|step| draft.apply(step));
    finish(draft, Vec::new())
}

/// Runs the first inference that finds something.
fn next_plan(draft: &Draft, catalogue: &Catalogue) -> Option<Plan> {
    let wiring = Wiring::new(&draft.graph, catalogue);
    let mut plans = REPEATED.iter().map(|inference| inference(draft, &wiring));
    plans.find(|plan| !plan.steps.is_empty())
}

/// Gives open sockets the names that were written, and values without a place to the settings: the rules report both.
fn finish(mut draft: Draft, mut questions: Vec<Diagnostic>) -> Inferred {
    for (link, label) in draft.graph.links.iter_mut().zip(&draft.labels) {
        let names = [
            (&mut link.from.socket, label.output()),
            (&mut link.to.socket, label.input()),
        ];
        for (socket, name) in names.into_iter().filter(|(socket, _)| socket.is_empty()) {
            *socket = name.unwrap_or(UNNAMED).to_owned();
        }
    }
    for node in 0..draft.titles.len() {
        let values = draft
            .titles
            .get_mut(node)
            .map(|title| std::mem::take(&mut title.values));
        for value in values.unwrap_or_default() {
            let key = value.key.unwrap_or_else(|| UNNAMED.to_owned());
            draft.set(node, key, value.value);
        }
    }
    for question in &mut questions {
        if let Subject::Link(index, text) = &mut question.location.subject
            && let Some(link) = draft.graph.links.get(*index)
        {
            *text = link.text();
        }
    }
    Inferred {
        graph: draft.graph,
        fixes: draft.fixes,
        questions,
    }
}

/// Stands for a socket or a key that the text does not name.
const UNNAMED: &str = "?";
