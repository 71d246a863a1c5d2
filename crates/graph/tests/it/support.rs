//! Helpers for the tests: the catalogue, and checks of reports.

use std::sync::LazyLock;

use vibesync_graph::{Catalogue, Report, catalogue};

/// The catalogue for most tests.
pub static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| catalogue::embedded("4.5").unwrap().unwrap());

/// Checks a text.
pub fn check(text: &str) -> Report {
    vibesync_graph::check(text.as_bytes(), &CATALOGUE)
}

/// Checks a text that must break a single rule once; returns the violation.
#[track_caller]
pub fn expect_violation(rule: &str, text: &str) -> String {
    let report = check(text);
    let errors: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(report.errors[0].rule, rule, "{errors:?}");
    errors.into_iter().next().unwrap()
}

/// Checks a text that must break no rule.
#[track_caller]
pub fn expect_ok(text: &str) -> Report {
    let report = check(text);
    assert!(report.is_ok(), "{report}");
    report
}

/// Returns a link in the form of `graph_json`, between two ends as `node.Socket`.
pub fn link(from: &str, to: &str) -> String {
    let (from, to) = (from.split_once('.').unwrap(), to.split_once('.').unwrap());
    format!(
        r#"{{"from":"{}","from_socket":"{}","to":"{}","to_socket":"{}"}}"#,
        from.0, from.1, to.0, to.1
    )
}

/// Checks that a message contains all of these parts.
#[track_caller]
pub fn assert_contains(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{message}");
    }
}
