//! Any bytes as a sketch cause no panic. A valid graph is written as a sketch of the same graph.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vibesync_graph::{Catalogue, Report, catalogue, json, mermaid};

fn newest() -> &'static Catalogue {
    let version = catalogue::VERSIONS.last().expect("there are catalogues");
    let shared = catalogue::shared(version).expect("it is embedded");
    shared.expect("it can be read")
}

fuzz_target!(|bytes: &[u8]| {
    let catalogue = newest();
    let Ok(graph) = mermaid::read(bytes, catalogue) else {
        return;
    };
    let report = Report::for_graph(&graph, catalogue);
    if !report.is_ok() {
        return;
    }
    let again = mermaid::read(report.mermaid_code.as_bytes(), catalogue)
        .expect("what is written can be read");
    let again = Report::for_graph(&again, catalogue);
    let compact = |report: &Report| report.graph_json.as_ref().map(json::compact);
    assert_eq!(compact(&again), compact(&report));
    assert_eq!(again.mermaid_code, report.mermaid_code);
});
