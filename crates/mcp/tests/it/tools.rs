//! Each tool against the fake daemon.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use vibesync_mcp::{Limits, MAX_BYTES};

use crate::client::{Client, ERAS, Era};
use crate::fake::{Fake, HOSTILE, OBJECTS, object};
use crate::lint::calls;

async fn client(daemon: Fake) -> Client {
    Client::open(daemon, Era::Modern).await.0
}

/// Reads all pages of a list. Returns the values of one field of the rows.
async fn pages(
    client: &mut Client,
    tool: &str,
    arguments: Value,
    list: &str,
    field: &str,
) -> Vec<String> {
    let (mut values, mut arguments) = (Vec::new(), arguments);
    for _ in 0..200 {
        let (answer, is_error) = client.call(tool, arguments.clone()).await;
        assert!(!is_error, "{answer}");
        let rows = answer[list].as_array().unwrap();
        values.extend(rows.iter().map(|row| row[field].to_string()));
        match answer.get("next") {
            Some(next) => arguments["cursor"] = next.clone(),
            None => return values,
        }
    }
    panic!("{tool} has no last page");
}

#[tokio::test]
async fn every_list_is_read_to_its_end_by_cursors() {
    let mut client = client(Fake::new()).await;
    for (tool, arguments, list, field, expected) in [
        (
            "scene_search",
            json!({"limit": 7}),
            "rows",
            "uuid",
            OBJECTS as usize,
        ),
        (
            "scene_search",
            json!({"limit": 200}),
            "rows",
            "uuid",
            OBJECTS as usize,
        ),
        (
            "scene_describe",
            json!({}),
            "entities",
            "uuid",
            OBJECTS as usize,
        ),
        (
            "history_diff",
            json!({"from": "@1"}),
            "rows",
            "uuid",
            OBJECTS as usize,
        ),
        ("history", json!({"limit": 9}), "rows", "seq", 100),
        ("log", json!({"limit": 100}), "rows", "seq", 100),
    ] {
        let values = pages(&mut client, tool, arguments, list, field).await;
        let distinct: BTreeSet<_> = values.iter().collect();
        assert_eq!(
            (values.len(), distinct.len()),
            (expected, expected),
            "{tool}"
        );
    }
}

#[tokio::test]
async fn answer_without_a_daemon_says_how_to_start_it() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::absent(), era).await;
        let listed = client.request("tools/list", json!({})).await;
        assert_eq!(listed["tools"].as_array().unwrap().len(), 18);
        let (answer, is_error) = client.call("status", json!({})).await;
        assert!(is_error);
        assert_eq!(answer["error"]["code"], "VS-6003");
        let help = answer["error"]["help"].as_str().unwrap();
        assert!(help.contains("vibesync run --project /project"), "{help}");
    }
}

#[tokio::test]
async fn wrong_arguments_are_tool_errors_that_name_them() {
    let mut client = client(Fake::new()).await;
    for (tool, arguments, place) in [
        ("status", json!({"verbose": true}), "verbose"),
        ("scene_search", json!({"near": [1, 2, 3]}), "near"),
        ("scene_search", json!({"kind": "cube"}), "kind"),
        ("scene_search", json!({"cursor": "17"}), "cursor"),
        ("scene_describe", json!({"uuids": ["Cube"]}), "uuids"),
        (
            "scene_describe",
            json!({"uuids": [object(1)], "root": object(1)}),
            "root",
        ),
        ("history_diff", json!({}), "from"),
        ("log", json!({"code": "VS-0000"}), "code"),
        ("graph_check", json!({}), "mermaid"),
        ("graph_nodes", json!({"name": "a", "search": "b"}), "name"),
    ] {
        let (answer, is_error) = client.call(tool, arguments).await;
        assert!(is_error, "{tool}");
        assert_eq!(answer["error"]["code"], "VS-1006", "{tool}: {answer}");
        assert_eq!(answer["error"]["place"], place, "{tool}: {answer}");
    }
}

#[tokio::test]
async fn unknown_tool_is_a_protocol_error() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::new(), era).await;
        let answer = client
            .answer(
                "tools/call",
                json!({"name": "execute_code", "arguments": {}}),
            )
            .await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn names_and_texts_are_escaped_in_every_answer() {
    let daemon = Fake {
        name: Some(HOSTILE.repeat(50)),
        ..Fake::new()
    };
    let mut client = client(daemon).await;
    for (tool, arguments) in calls() {
        let (answer, _) = client.call(tool, arguments).await;
        let text = answer.to_string();
        for hidden in ["\u{202E}", "\u{1b}", "\\u001b", "\\n</tool>"] {
            assert!(!text.contains(hidden), "{tool}: {hidden:?} in {text}");
        }
        assert!(
            text.len() <= MAX_BYTES + 600,
            "{tool}: {} bytes",
            text.len()
        );
    }
}

#[tokio::test]
async fn transforms_are_told_in_the_space_that_was_asked_for() {
    let mut client = client(Fake::new()).await;
    for (space, expected) in [
        ("gltf", [0.1, 2.0, -3.0]),
        ("blender", [0.1, 3.0, 2.0]),
        ("unity", [-0.1, 2.0, -3.0]),
    ] {
        let arguments = json!({"uuids": [object(1)], "space": space});
        let (answer, _) = client.call("scene_describe", arguments).await;
        let told = &answer["entities"][0]["transform"]["translation"];
        assert_eq!(*told, json!(expected), "{space}");
    }
}

#[tokio::test]
async fn missing_entities_are_named_beside_the_others() {
    let mut client = client(Fake::new()).await;
    let arguments = json!({"uuids": [object(1), object(9_999)]});
    let (answer, _) = client.call("scene_describe", arguments).await;
    assert_eq!(answer["entities"].as_array().unwrap().len(), 1);
    assert_eq!(answer["missing"], json!([object(9_999)]));
}

#[tokio::test]
async fn sketch_is_checked_and_corrected() {
    let mut client = client(Fake::absent()).await;
    let sketch = "flowchart LR\n  a[\"GeometryNodeMeshCone\"] -->|mesh| out[\"NodeGroupOutput\"]";
    let arguments = json!({"mermaid": sketch, "fix": true, "blender": "4.5"});
    let (answer, is_error) = client.call("graph_check", arguments).await;
    assert!(!is_error, "{answer}");
    let report = answer["report"].as_object().unwrap();
    let fields: Vec<&String> = report.keys().collect();
    assert_eq!(fields, ["errors", "graph_json", "mermaid_code", "status"]);
    let fixes = answer["fixes"].as_array().unwrap();
    let listed = |part: &str| fixes.iter().any(|fix| fix.as_str().unwrap().contains(part));
    assert!(
        listed("Mesh to mesh: the only output that fits"),
        "{answer}"
    );
}

#[tokio::test]
async fn ambiguous_sketch_is_asked_about_with_choices() {
    let mut client = client(Fake::absent()).await;
    let sketch = "graph TD\n  a[Sphere] --> b[\"Group Output\"]";
    let (answer, is_error) = client
        .call("graph_check", json!({"mermaid": sketch, "fix": true}))
        .await;
    assert!(!is_error, "{answer}");
    let error = &answer["report"]["errors"][0];
    assert_eq!(error["rule"], "ambiguous");
    let choices = ["GeometryNodeMeshIcoSphere", "GeometryNodeMeshUVSphere"];
    assert_eq!(error["choices"], json!(choices));
}

#[tokio::test]
async fn node_type_is_found_by_name_and_by_words() {
    let mut client = client(Fake::absent()).await;
    let (one, _) = client.call("graph_nodes", json!({"name": "Cone"})).await;
    assert_eq!(one["nodes"][0]["identifier"], "GeometryNodeMeshCone");
    assert!(one["nodes"][0]["inputs"].is_array());
    let (none, _) = client.call("graph_nodes", json!({"name": "Conne"})).await;
    assert_eq!(none["nodes"], json!([]));
    assert!(none["similar"].to_string().contains("Cone"), "{none}");
    let (some, _) = client
        .call("graph_nodes", json!({"search": "cone", "limit": 2}))
        .await;
    assert!((1..=2).contains(&some["nodes"].as_array().unwrap().len()));
}

#[tokio::test]
async fn slow_daemon_costs_one_call_and_not_the_server() {
    let daemon = Fake {
        delay: Duration::from_secs(3),
        ..Fake::new()
    };
    let limits = Limits {
        answer: Duration::from_millis(300),
        calls: 2,
        ..Limits::default()
    };
    let mut client = Client::dial(daemon, Era::Legacy, limits);
    client.begin().await;
    let (slow, is_error) = client.call("status", json!({})).await;
    assert!(is_error);
    assert_eq!(slow["error"]["code"], "VS-2007", "{slow}");
    let (_, _) = client.call("status", json!({})).await;
    let (full, is_error) = client.call("status", json!({})).await;
    assert!(is_error);
    assert_eq!(full["error"]["code"], "VS-8005", "{full}");
    assert_eq!(full["error"]["retry_after_ms"], 1_000);
    let listed = client.request("tools/list", json!({})).await;
    assert!(listed["tools"].is_array());
}
