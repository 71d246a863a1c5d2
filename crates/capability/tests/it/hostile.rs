//! The corpus of hostile manifests: each has its verdict, and each mistake its place.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_capability::{Findings, agent_context, input_schema, read, tool_description};

use crate::support::{bytes_of, corpus, expected, hostile};

fn places(findings: &Findings) -> Value {
    let places = findings.list.iter().map(|finding| {
        let position = finding.position.unwrap();
        json!({
            "rule": finding.rule.as_str(), "path": finding.path,
            "line": position.line, "column": position.column
        })
    });
    places.collect()
}

#[test]
fn each_case_has_its_verdict_and_places() {
    let mut wrong = Vec::new();
    for case in expected()["manifests"].as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let (verdict, errors, notes) = match read(&bytes_of(file)) {
            Ok(accepted) => ("accepted", Findings::default(), accepted.notes),
            Err(refused) => ("refused", refused.errors, refused.notes),
        };
        let more = case.get("more").and_then(Value::as_u64).unwrap_or(0);
        let found = json!([verdict, places(&errors), places(&notes), errors.more]);
        let wanted = json!([case["verdict"], case["errors"], case["notes"], more]);
        if found != wanted {
            wrong.push(format!(
                "{file}\n  found  {found}\n  wanted {wanted}\n{errors}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn corpus_has_all_numbers_and_no_other_files() {
    let expected = expected();
    let files = |key: &str| expected[key].as_array().unwrap().clone();
    let mut listed: BTreeSet<String> = files("manifests")
        .iter()
        .map(|case| case["file"].as_str().unwrap().to_owned())
        .chain(
            files("sets")
                .iter()
                .map(|it| it.as_str().unwrap().to_owned()),
        )
        .collect();
    let elsewhere = expected["elsewhere"].as_object().unwrap();
    let numbers: BTreeSet<u32> = listed
        .iter()
        .chain(elsewhere.keys())
        .map(|name| name.split('-').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(numbers, (1..=108).collect());
    listed.insert("expected.json".to_owned());
    let found = std::fs::read_dir(hostile("")).unwrap();
    let found: BTreeSet<String> = found
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn findings_are_bounded_in_number_and_size() {
    for (file, bytes) in corpus() {
        let Err(refused) = read(&bytes) else {
            continue;
        };
        assert!(refused.errors.list.len() <= 100, "{file}");
        for finding in &refused.errors.list {
            assert!(finding.message.chars().count() <= 300, "{file}: {finding}");
            assert!(finding.path.chars().count() <= 300, "{file}: {finding}");
        }
    }
}

#[test]
fn texts_of_accepted_cases_are_shown_escaped() {
    let visible = |text: &str| !vibesync_capability::has_hidden(text);
    for (file, bytes) in corpus() {
        let Ok(accepted) = read(&bytes) else {
            continue;
        };
        let context = agent_context([&accepted.manifest]);
        let begins = |line: &str| {
            let starts = [
                "Add-ons that a person",
                "Add-on ",
                "- tool ",
                "- hint: ",
                "  - ",
            ];
            line.is_empty() || starts.iter().any(|start| line.starts_with(start))
        };
        assert!(context.lines().all(begins), "{file}: {context}");
        assert!(visible(&context.replace('\n', "")), "{file}");
        for tool in &accepted.manifest.ai_integration.tools {
            assert!(visible(&tool_description(tool)), "{file}");
            assert!(visible(&input_schema(tool).to_string()), "{file}");
        }
    }
}

#[test]
fn hostile_sizes_cost_little_time() {
    let begun = Instant::now();
    for file in [
        "08-deep.json",
        "09-five-megabytes.made.json",
        "99-values-60000.made.json",
    ] {
        assert!(read(&bytes_of(file)).is_err());
    }
    let keys: String = (0..20_000).map(|it| format!("\"{it}\":0,")).collect();
    assert!(read(format!("{{{keys}\"a\":0}}").as_bytes()).is_err());
    // Milliseconds, but the machine of a test may be busy.
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn each_rule_is_broken_by_a_case() {
    let golden =
        std::path::Path::new(crate::support::ROOT).join("tests/golden/capability-arguments.json");
    let mut cases = expected().to_string() + &crate::support::read_json(&golden).to_string();
    for file in expected()["sets"].as_array().unwrap() {
        cases += &crate::support::read_json(&hostile(file.as_str().unwrap())).to_string();
    }
    // The daemon looks entities up in its scene; its own tests break that rule.
    let rules = vibesync_capability::Rule::ALL.iter();
    for rule in rules.filter(|rule| **rule != vibesync_capability::Rule::Entity) {
        assert!(cases.contains(&format!("\"{rule}\"")), "{rule}");
    }
}
