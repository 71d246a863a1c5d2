//! Runs all kinds of corrections, and the checklist after each.

use super::record::Fix;
use super::{aliases, convert, duplicates, join};
use crate::catalogue::Catalogue;
use crate::model::Graph;
use crate::report::Report;
use crate::wiring::Wiring;

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

/// Runs the first kind of correction that finds something to correct.
fn run_round(graph: &Graph, catalogue: &Catalogue, fixes: &mut Vec<Fix>) -> Option<Graph> {
    let wiring = Wiring::new(graph, catalogue);
    FIXERS.iter().find_map(|fix| {
        let before = fixes.len();
        let fixed = fix(&wiring, fixes);
        (fixes.len() > before).then_some(fixed)
    })
}
