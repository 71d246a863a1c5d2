//! Sets of add-ons: versions, dependencies, conflicts, and add-ons that appear and vanish.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vibesync_capability::{Candidate, Editor, Manifest, Usability, Version, judge};

use crate::support::{expected, hostile, parse, read_json, with_parameters};

fn manifest(addon: &Value) -> Manifest {
    let mut manifest = with_parameters(json!([]));
    manifest["addon_info"]["id"] = addon["id"].clone();
    manifest["ai_integration"]["requirements"] = addon["requirements"].clone();
    parse(&manifest).unwrap_or_else(|it| panic!("{}", it.errors))
}

fn candidate<'a>(addon: &'a Value, manifest: &'a Manifest) -> Candidate<'a> {
    let editor = match addon["editor"].as_str().unwrap() {
        "blender" => Editor::Blender,
        _ => Editor::Unity,
    };
    Candidate {
        id: addon["id"].as_str().unwrap(),
        manifest: (addon["refused"] == json!(false)).then_some(manifest),
        folder: addon["folder"].as_str().unwrap(),
        editor,
        editor_version: addon["version"].as_str().and_then(Version::of_editor),
        is_enabled: addon["enabled"].as_bool().unwrap(),
        allowed: addon["allowed"].as_u64(),
    }
}

/// Returns each add-on's verdict: a word, or the list of broken rules.
fn verdicts(addons: &[Value], others: &[&str]) -> Value {
    let manifests: Vec<Manifest> = addons.iter().map(manifest).collect();
    let pairs = addons.iter().zip(&manifests);
    let candidates: Vec<Candidate> = pairs.map(|(addon, it)| candidate(addon, it)).collect();
    let others: BTreeSet<String> = others.iter().map(|id| (*id).to_owned()).collect();
    let judged = judge(&candidates, &others);
    let words = judged.iter().map(|usability| match usability {
        Usability::Usable => json!("usable"),
        Usability::Disabled => json!("disabled"),
        Usability::Refused => json!("refused"),
        Usability::Unmet(reasons) => reasons.iter().map(|it| it.rule.as_str()).collect(),
    });
    words.collect()
}

fn addon(id: &str, requirements: Value) -> Value {
    json!({
        "id": id, "folder": format!("/addons/{id}"), "editor": "blender", "version": "4.10.0",
        "enabled": true, "allowed": null, "refused": false, "requirements": requirements
    })
}

#[test]
fn each_hostile_set_has_its_verdicts() {
    for file in expected()["sets"].as_array().unwrap() {
        let set = read_json(&hostile(file.as_str().unwrap()));
        let others = set["others"].as_array().unwrap();
        let others: Vec<&str> = others.iter().map(|it| it.as_str().unwrap()).collect();
        let found = verdicts(set["addons"].as_array().unwrap(), &others);
        assert_eq!(found, set["expected"], "{file}");
    }
}

#[test]
fn version_4_10_is_newer_than_4_9() {
    let set = [addon("a", json!({"blender_version_min": "4.9"}))];
    assert_eq!(verdicts(&set, &[]), json!(["usable"]));
    let set = [addon("a", json!({"blender_version_min": "4.11"}))];
    assert_eq!(verdicts(&set, &[]), json!([["editor_version"]]));
}

#[test]
fn addon_is_usable_while_its_dependency_is_there() {
    let needs = addon("needs", json!({"depends_on": ["base"]}));
    let mut base = addon("base", json!({}));
    let missing = json!(["dependency_missing"]);
    assert_eq!(
        verdicts(std::slice::from_ref(&needs), &[]),
        json!([missing])
    );
    let both = verdicts(&[needs.clone(), base.clone()], &[]);
    assert_eq!(both, json!(["usable", "usable"]));
    base["enabled"] = json!(false);
    let disabled = verdicts(&[needs.clone(), base], &[]);
    assert_eq!(disabled, json!([missing, "disabled"]));
    assert_eq!(verdicts(&[needs], &["base"]), json!(["usable"]));
}

#[test]
fn dependencies_in_a_circle_are_unmet() {
    let circle = [
        addon("a", json!({"depends_on": ["b"]})),
        addon("b", json!({"depends_on": ["a"]})),
        addon("c", json!({"depends_on": ["a"]})),
    ];
    let cycle = json!(["dependency_cycle"]);
    let behind = json!(["dependency_unmet"]);
    assert_eq!(verdicts(&circle, &[]), json!([cycle, cycle, behind]));
}

#[test]
fn of_two_in_conflict_the_earlier_allowed_stays() {
    let mut a = addon("a", json!({"conflicts_with": ["b"]}));
    let mut b = addon("b", json!({}));
    let conflict = json!(["conflict"]);
    let found = verdicts(&[a.clone(), b.clone()], &[]);
    assert_eq!(found, json!([conflict, conflict]));
    b["allowed"] = json!(7);
    let found = verdicts(&[a.clone(), b.clone()], &[]);
    assert_eq!(found, json!([conflict, "usable"]));
    a["allowed"] = json!(3);
    let found = verdicts(&[a, b], &[]);
    assert_eq!(found, json!(["usable", conflict]));
}

#[test]
fn of_two_with_one_id_the_allowed_one_stays() {
    let mut first = addon("stones", json!({}));
    let mut second = addon("Stones", json!({}));
    (first["folder"], second["folder"]) = (json!("/a"), json!("/b"));
    let found = verdicts(&[first.clone(), second.clone()], &[]);
    assert_eq!(found, json!(["usable", ["same_id"]]));
    second["allowed"] = json!(1);
    let found = verdicts(&[first, second], &[]);
    assert_eq!(found, json!([["same_id"], "usable"]));
}

#[test]
fn verdicts_do_not_depend_on_the_order() {
    for file in expected()["sets"].as_array().unwrap() {
        let set = read_json(&hostile(file.as_str().unwrap()));
        let mut addons = set["addons"].as_array().unwrap().clone();
        let others = set["others"].as_array().unwrap();
        let others: Vec<&str> = others.iter().map(|it| it.as_str().unwrap()).collect();
        addons.reverse();
        let mut found = verdicts(&addons, &others);
        found.as_array_mut().unwrap().reverse();
        assert_eq!(found, set["expected"], "{file}");
    }
}

#[test]
fn thousand_addons_in_a_row_are_judged() {
    let chain: Vec<Value> = (0..1_000)
        .map(|index| {
            addon(
                &format!("a{index}"),
                json!({"depends_on": [format!("a{}", index + 1)]}),
            )
        })
        .collect();
    let found = verdicts(&chain, &[]);
    assert_eq!(found[999], json!(["dependency_missing"]));
    assert_eq!(found[0], json!(["dependency_unmet"]));
}

#[test]
fn hundred_manifests_with_2000_tools_are_quick() {
    let mut manifest = with_parameters(crate::schemas::all_types());
    let tool = manifest["ai_integration"]["tools"][0].clone();
    let named = |number: usize| {
        let mut tool = tool.clone();
        tool["name"] = json!(format!("tool{number}"));
        tool
    };
    manifest["ai_integration"]["tools"] = (0..20).map(named).collect();
    let text = |number: usize| {
        let mut manifest = manifest.clone();
        manifest["addon_info"]["id"] = json!(format!("addon{number}"));
        manifest.to_string()
    };
    let texts: Vec<String> = (0..100).map(text).collect();
    let begun = std::time::Instant::now();
    let manifests: Vec<Manifest> = texts
        .iter()
        .map(|text| vibesync_capability::read(text.as_bytes()).unwrap().manifest)
        .collect();
    let states: Vec<Value> = (0..100)
        .map(|number| addon(&format!("addon{number}"), json!({})))
        .collect();
    let pairs = states.iter().zip(&manifests);
    let candidates: Vec<Candidate> = pairs.map(|(state, it)| candidate(state, it)).collect();
    let judged = judge(&candidates, &BTreeSet::new());
    let context = vibesync_capability::agent_context(&manifests);
    let seconds = begun.elapsed().as_secs_f64();
    assert!(judged.iter().all(|it| *it == Usability::Usable));
    assert!(context.contains(" more: list_capabilities"));
    // Half a second unoptimized; the limit is for a machine that is busy.
    assert!(seconds < 5.0, "{seconds}");
}
