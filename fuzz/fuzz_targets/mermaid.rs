//! Any bytes as a sketch: no panic; what is read and sound is written as a sketch that means the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use vibesync_graph::{Catalogue, Report, catalogue, json, mermaid};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let newest = catalogue::VERSIONS.last().expect("there are catalogues");
    let embedded = catalogue::embedded(newest).expect("it is embedded");
    embedded.expect("it can be read")
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(graph) = mermaid::read(bytes, &CATALOGUE) else {
        return;
    };
    let report = Report::of(&graph, &CATALOGUE);
    if !report.is_ok() {
        return;
    }
    let again = mermaid::read(report.mermaid_code.as_bytes(), &CATALOGUE)
        .expect("what is written can be read");
    let again = Report::of(&again, &CATALOGUE);
    let compact = |report: &Report| report.graph_json.as_ref().map(json::compact);
    assert_eq!(compact(&again), compact(&report));
    assert_eq!(again.mermaid_code, report.mermaid_code);
});
