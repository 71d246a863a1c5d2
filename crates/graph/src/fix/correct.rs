//! Runs all kinds of corrections, and the checklist after each.

use super::record::Fix;
use super::{aliases, convert, duplicates, join};
use crate::catalogue::Catalogue;
use crate::check::{is_graph_json, read};
use crate::draft::Draft;
use crate::infer::{infer, infer_data_types};
use crate::model::Graph;
use crate::report::Report;
use crate::wiring::Wiring;
use crate::{json, mermaid};

/// Most rounds. Each round makes all corrections of one kind. Only the kinds after it can have to correct the result.
const MAX_ROUNDS: usize = 16;

/// A graph after corrections.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// All corrections, in order.
    pub fixes: Vec<Fix>,
    /// The report on the corrected graph.
    pub report: Report,
}

/// A kind of correction: returns the corrected graph and adds the corrections. Adds none if there is nothing to correct.
type Fixer = fn(&Wiring, &mut Vec<Fix>) -> Graph;

const FIXERS: &[Fixer] = &[aliases::fix, duplicates::fix, convert::fix, join::fix];

/// Corrects a graph, and runs the whole checklist again after each kind of correction. Ends when the report has no
/// errors, or when no correction is possible.
pub fn fix(graph: &Graph, catalogue: &Catalogue) -> Fixed {
    let mut fixes = Vec::new();
    let mut graph = graph.clone();
    let mut report = Report::for_graph(&graph, catalogue);
    for _ in 0..MAX_ROUNDS {
        if report.is_ok() {
            break;
        }
        let Some(fixed) = run_round(&graph, catalogue, &mut fixes) else {
            break;
        };
        graph = fixed;
        report = Report::for_graph(&graph, catalogue);
    }
    Fixed { fixes, report }
}

/// Corrects a text. A graph that is valid as it is stays; else the text is read in the loose forms that language models
/// write, and completed where only one meaning is possible. The report asks about all other parts, with the choices.
pub fn fix_text(bytes: &[u8], catalogue: &Catalogue) -> Fixed {
    let is_json = is_graph_json(bytes);
    let inferred = match read(bytes, catalogue) {
        Ok(graph) if Report::for_graph(&graph, catalogue).is_ok() => match is_json {
            true => return fix(&graph, catalogue),
            // A sketch shows links, and not the types that they need.
            false => infer_data_types(Draft::of_graph(graph), catalogue),
        },
        _ => {
            let draft = match is_json {
                true => json::read_loose(bytes),
                false => mermaid::read_loose(bytes, catalogue),
            };
            match draft {
                Ok(draft) => infer(draft, catalogue),
                Err(errors) => {
                    let report = Report::unreadable(errors);
                    return Fixed {
                        fixes: Vec::new(),
                        report,
                    };
                }
            }
        }
    };
    if inferred.questions.is_empty() {
        let mut fixed = fix(&inferred.graph, catalogue);
        fixed.fixes.splice(0..0, inferred.fixes);
        return fixed;
    }
    // Corrections of what is still open would be guesses.
    let mut report = Report::for_graph(&inferred.graph, catalogue);
    report.ask(inferred.questions);
    Fixed {
        fixes: inferred.fixes,
        report,
    }
}

/// Runs the first kind of correction that finds something to correct.
fn run_round(graph: &Graph, catalogue: &Catalogue, fixes: &mut Vec<Fix>) -> Option<Graph> {
    let wiring = Wiring::new(graph, catalogue);
    FIXERS.iter().find_map(|fix| {
        let before = fixes.len();
        let fixed = fix(&wiring, fixes);
        (fixes.len() > before).then_some(fixed)
    })
}
