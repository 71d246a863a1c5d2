//! Any bytes as `graph_json` cause no panic. A graph is checked, corrected and drawn, and its canonical form is stable.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vibesync_graph::{Catalogue, Report, Wiring, catalogue, fix::fix, json, svg};

fn newest() -> &'static Catalogue {
    let version = catalogue::VERSIONS.last().expect("there are catalogues");
    let shared = catalogue::shared(version).expect("it is embedded");
    shared.expect("it can be read")
}

fuzz_target!(|bytes: &[u8]| {
    let catalogue = newest();
    let Ok(graph) = json::read(bytes) else {
        return;
    };
    let report = Report::for_graph(&graph, catalogue);
    assert_eq!(report.is_ok(), report.errors.is_empty());
    let canonical = report.graph_json.expect("it was read");
    let written = json::compact(&canonical);
    let again = json::read(written.as_bytes()).expect("what is written can be read");
    let again = Report::for_graph(&again, catalogue);
    assert_eq!(again.is_ok(), report.errors.is_empty());
    assert_eq!(
        json::compact(&again.graph_json.expect("it was read")),
        written
    );
    let fixed = fix(&canonical, catalogue).report;
    assert!(svg(&Wiring::new(&canonical, catalogue)).ends_with("</svg>\n"));
    assert!(fixed.is_ok() || !fixed.errors.is_empty());
});
