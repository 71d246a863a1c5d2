//! Graphs from texts to reports, against the catalogues of real Blenders.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod catalogues;
mod drawn;
mod fixes;
mod forms;
mod rules;
mod seed;
mod sketch;
mod texts;
mod zones;

use std::sync::LazyLock;

use vibesync_graph::{Catalogue, Report, catalogue};

/// The catalogue that most tests are about.
pub static BLENDER: LazyLock<Catalogue> =
    LazyLock::new(|| catalogue::embedded("4.5").unwrap().unwrap());

/// Checks a text.
pub fn check(text: &str) -> Report {
    vibesync_graph::check(text.as_bytes(), &BLENDER)
}

/// Checks a text in which a single rule must be broken, a single time: says how.
#[track_caller]
pub fn broken(rule: &str, text: &str) -> String {
    let report = check(text);
    let told: Vec<String> = report.errors.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(report.errors[0].rule, rule, "{told:?}");
    told.into_iter().next().unwrap()
}

/// Checks a text in which no rule may be broken.
#[track_caller]
pub fn sound(text: &str) -> Report {
    let report = check(text);
    assert!(report.is_ok(), "{report}");
    report
}

/// A link as graph_json writes it, between two ends as `node.Socket`.
pub fn link(from: &str, to: &str) -> String {
    let (a, b) = (from.split_once('.').unwrap(), to.split_once('.').unwrap());
    format!(
        r#"{{"from":"{}","from_socket":"{}","to":"{}","to_socket":"{}"}}"#,
        a.0, a.1, b.0, b.1
    )
}

/// Each of these is in what was told.
#[track_caller]
pub fn says(told: &str, wanted: &[&str]) {
    for part in wanted {
        assert!(told.contains(part), "{told}");
    }
}
