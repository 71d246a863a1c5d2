//! Corrections that leave no doubt about what was meant: each says what it did, and after each round the whole checklist
//! begins again.

mod aliases;
mod convert;
mod duplicates;
mod edit;
mod join;

use std::fmt;

use crate::catalogue::Catalogue;
use crate::location::Location;
use crate::model::Graph;
use crate::report::Report;
use crate::wiring::Wiring;

/// Rounds at most. Each corrects all that there is of one kind, and what it makes needs correcting at most by the kinds
/// after it.
const ROUNDS: usize = 16;

/// Something that was corrected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Where.
    pub location: Location,
    /// What was done, in one sentence.
    pub done: String,
}

impl Fix {
    fn new(location: Location, done: impl Into<String>) -> Self {
        let done = done.into();
        Self { location, done }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fixed: {}: {}", self.location, self.done)
    }
}

/// What came of correcting a graph.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// Everything that was corrected, in order.
    pub fixes: Vec<Fix>,
    /// Of the whole checklist, run on what came of it.
    pub report: Report,
}

/// One kind of correction: the graph without what was wrong, and what was done; nothing done leaves it as it is.
type Fixer = fn(&Wiring, &mut Vec<Fix>) -> Graph;

const FIXERS: &[Fixer] = &[aliases::fix, duplicates::fix, convert::fix, join::fix];

/// Corrects what can be corrected, and runs the whole checklist again from the start after each correction, until one run
/// is clean or nothing more can be done.
pub fn fix(graph: &Graph, catalogue: &Catalogue) -> Fixed {
    let mut fixes = Vec::new();
    let mut graph = graph.clone();
    let mut report = Report::for_graph(&graph, catalogue);
    for _ in 0..ROUNDS {
        if report.is_ok() {
            break;
        }
        let Some(fixed) = round(&graph, catalogue, &mut fixes) else {
            break;
        };
        graph = fixed;
        report = Report::for_graph(&graph, catalogue);
    }
    Fixed { fixes, report }
}

/// The first kind of correction that finds something to do.
fn round(graph: &Graph, catalogue: &Catalogue, fixes: &mut Vec<Fix>) -> Option<Graph> {
    let wiring = Wiring::new(graph, catalogue);
    FIXERS.iter().find_map(|fix| {
        let before = fixes.len();
        let fixed = fix(&wiring, fixes);
        (fixes.len() > before).then_some(fixed)
    })
}
