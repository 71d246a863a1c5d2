//! Calls that change the scene: plans, repeated and cancelled calls, answers of the daemon.

use std::time::Duration;

use serde_json::{Value, json};
use vibesync_mcp::State;
use vibesync_protocol::ErrorBody;
use vibesync_scene::{Code, OperationId, Uuid};

use crate::change::{assert_near, client, scene, transform};
use crate::client::{Client, ERAS};
use crate::fake::object;

#[tokio::test]
async fn dry_run_asks_for_a_plan_alone() {
    let scene = scene();
    let seq = scene.seq();
    let mut client = client(&scene).await;
    let update = json!({"op": "update", "uuid": object(1), "visible": false});
    let arguments = json!({"changes": [update], "base_seq": seq, "dry_run": true});
    let (answer, is_error) = client.call("scene_change", arguments).await;
    assert!(!is_error);
    assert_eq!(answer["state"], "planned", "{answer}");
    assert_eq!(answer["changes"][0]["uuid"], json!(object(1)));
    assert_eq!((scene.requests().len(), scene.planned().len()), (0, 1));
    assert_eq!(scene.seq(), seq);
}

#[tokio::test]
async fn same_call_with_its_operation_id_is_done_once() {
    for era in ERAS {
        let scene = scene();
        let (mut client, _) = Client::open(scene.clone(), era).await;
        let operation_id = Uuid::from_u128(77);
        let update =
            json!({"op": "update", "uuid": object(3), "relative": true, "translation": [1, 0, 0]});
        let mut arguments =
            json!({"changes": [update], "base_seq": scene.seq(), "operation_id": operation_id});
        for _ in 0..2 {
            let (answer, is_error) = client.call("scene_change", arguments.clone()).await;
            assert!(!is_error, "{answer}");
            assert_eq!(answer["operation_id"], json!(operation_id));
        }
        assert_near(transform(&scene, object(3)).translation, [1.0, 0.0, 0.0]);
        arguments["changes"][0]["translation"] = json!([2, 0, 0]);
        let (answer, is_error) = client.call("scene_change", arguments).await;
        assert!(is_error);
        assert_eq!(answer["error"]["code"], "VS-4003", "{answer}");
        assert_eq!(scene.requests().len(), 1);
    }
}

#[tokio::test]
async fn same_operation_makes_the_same_uuids() {
    let operation_id = Uuid::from_u128(78);
    let create = json!({"op": "create", "key": "a", "primitive": "cube"});
    let mut uuids = Vec::new();
    for _ in 0..2 {
        let scene = scene();
        let arguments = json!({"changes": [create], "operation_id": operation_id});
        let (answer, _) = client(&scene).await.call("scene_change", arguments).await;
        uuids.push(answer["keys"]["a"].clone());
    }
    assert!(uuids[0].is_string());
    assert_eq!(uuids[0], uuids[1]);
}

#[tokio::test]
async fn refusal_of_the_daemon_names_the_change_of_the_call() {
    let scene = scene();
    let error = ErrorBody {
        code: Code::ParentCycle,
        message: "an object cannot be its own ancestor".into(),
        location: "changes[2].components.parent".into(),
        help: "Choose another parent.".into(),
    };
    scene.answer_next(State::Refused, Some(error));
    // The mesh of the first change is a change of its own.
    let changes = json!([
        {"op": "create", "primitive": "cube"},
        {"op": "update", "uuid": object(1), "parent": object(2)},
    ]);
    let arguments = json!({"changes": changes, "base_seq": scene.seq()});
    let (answer, is_error) = client(&scene).await.call("scene_change", arguments).await;
    assert!(is_error);
    assert_eq!(answer["state"], "refused");
    assert_eq!(answer["error"]["code"], "VS-3008");
    assert_eq!(answer["error"]["place"], "changes[1].parent", "{answer}");
}

#[tokio::test]
async fn rolled_back_change_is_an_error_with_its_state() {
    let scene = scene();
    let error = ErrorBody {
        code: Code::VerificationFailed,
        message: "unity holds something else".into(),
        location: String::new(),
        help: String::new(),
    };
    scene.answer_next(State::RolledBack, Some(error));
    let update = json!({"op": "update", "uuid": object(1), "visible": false});
    let arguments = json!({"changes": [update], "base_seq": scene.seq()});
    let (answer, is_error) = client(&scene).await.call("scene_change", arguments).await;
    assert!(is_error && answer["state"] == "rolled_back", "{answer}");
    assert!(answer["operation_id"].is_string());
    assert_eq!(answer["error"]["code"], "VS-4001");
}

#[tokio::test]
async fn wait_ends_in_time_and_the_change_stays() {
    let scene = scene();
    scene.never_end();
    let update = json!({"op": "update", "uuid": object(3), "translation": [1, 0, 0]});
    let arguments = json!({"changes": [update], "base_seq": scene.seq(), "wait_ms": 50});
    let (answer, is_error) = client(&scene).await.call("scene_change", arguments).await;
    assert!(!is_error);
    assert_eq!(answer["state"], "pending", "{answer}");
    assert_near(transform(&scene, object(3)).translation, [1.0, 0.0, 0.0]);
}

#[tokio::test]
async fn cancelled_call_frees_its_slot_and_keeps_its_change() {
    let scene = scene();
    scene.never_end();
    let mut client = client(&scene).await;
    let update = json!({"op": "update", "uuid": object(3), "translation": [1, 0, 0]});
    let arguments = json!({"changes": [update], "base_seq": scene.seq(), "wait_ms": 25_000});
    for _ in 0..4 {
        let params = json!({"name": "scene_change", "arguments": arguments});
        let id = client.start("tools/call", params).await;
        while scene.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let params = json!({"requestId": id, "reason": "enough"});
        let cancel =
            json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
        client.send(&cancel).await;
    }
    // All four slots are free again long before the waits would have ended.
    let (answer, is_error) = client.call("status", json!({})).await;
    assert!(!is_error, "{answer}");
    assert_near(transform(&scene, object(3)).translation, [1.0, 0.0, 0.0]);
}

#[tokio::test]
async fn unknown_operation_is_an_error_that_says_so() {
    let scene = scene();
    let mut client = client(&scene).await;
    let arguments = json!({"operation_id": Uuid::from_u128(5)});
    let (answer, is_error) = client.call("change_wait", arguments).await;
    assert!(is_error);
    assert_eq!(answer["error"]["place"], "operation_id", "{answer}");
    let (answer, is_error) = client.call("change_wait", json!({})).await;
    assert!(is_error && answer["error"]["place"] == "operation_id");
}

#[tokio::test]
async fn answer_to_a_large_change_is_cut_and_never_too_large() {
    let scene = scene();
    let mut client = client(&scene).await;
    let create = |number: usize| json!({"op": "create", "key": format!("key{number:03}"), "name": "x".repeat(60)});
    let changes: Vec<Value> = (0..500).map(create).collect();
    let (answer, is_error) = client
        .call("scene_change", json!({"changes": changes}))
        .await;
    assert!(!is_error && answer["state"] == "verified", "{answer}");
    assert_eq!(
        (&answer["total"], &answer["keys_total"]),
        (&json!(500), &json!(500))
    );
    let rows = answer["changes"].as_array().unwrap();
    let keys = answer["keys"].as_object().unwrap();
    assert!(
        !rows.is_empty() && keys.len() >= 150,
        "{} {}",
        rows.len(),
        keys.len()
    );
    let made = scene.components(keys["key007"].as_str().unwrap().parse().unwrap());
    assert!(made.is_some());
}

#[tokio::test]
async fn restore_passes_the_request_on() {
    let scene = scene();
    let mut client = client(&scene).await;
    let arguments = json!({"to": "@3", "uuids": [object(1)], "dry_run": true, "label": "back"});
    let (answer, is_error) = client.call("history_restore", arguments).await;
    assert!(!is_error && answer["state"] == "planned", "{answer}");
    let request = &scene.restores()[0];
    assert_eq!((request.commit.as_str(), request.dry_run), ("@3", true));
    let (answer, _) = client.call("history_restore", json!({"to": "@3"})).await;
    assert_eq!(answer["state"], "unchanged", "{answer}");
    let (answer, is_error) = client.call("history_restore", json!({})).await;
    assert!(is_error && answer["error"]["place"] == "to");
}

#[tokio::test]
async fn graph_is_checked_and_becomes_the_nodes_of_an_object() {
    let sketch = "flowchart LR\n  a[\"GeometryNodeMeshCone\"] -->|Mesh| out[\"NodeGroupOutput\"]";
    let scene = scene();
    let mut client = client(&scene).await;
    let mut arguments = json!({"object": object(3), "mermaid": sketch, "base_seq": scene.seq()});
    let (answer, is_error) = client.call("graph_build", arguments.clone()).await;
    assert!(!is_error, "{answer}");
    assert_eq!(
        (&answer["state"], &answer["report"]["status"]),
        (&json!("verified"), &json!("GRAPH_OK"))
    );
    let graph = scene
        .components(object(3))
        .unwrap()
        .nodes
        .unwrap()
        .graph
        .unwrap();
    assert_eq!(graph["blender"], "4.5");
    arguments["inputs"] = json!({"Nope": 1});
    let (answer, is_error) = client.call("graph_build", arguments.clone()).await;
    assert!(
        is_error && answer["error"]["place"] == "inputs.Nope",
        "{answer}"
    );
    arguments["mermaid"] = json!(sketch.replace("MeshCone", "MeshConne"));
    let (answer, is_error) = client.call("graph_build", arguments).await;
    assert!(is_error && answer["error"]["code"] == "VS-9003", "{answer}");
    assert!(!answer["report"]["errors"].as_array().unwrap().is_empty());
    assert_eq!(scene.requests().len(), 1);
}

#[tokio::test]
async fn undo_names_what_it_takes_back_and_what_stays() {
    let scene = scene();
    let mut client = client(&scene).await;
    let operation = Uuid::from_u128(9);
    let arguments = json!({"operations": [operation], "dry_run": true});
    let (answer, is_error) = client.call("undo", arguments).await;
    assert!(!is_error && answer["state"] == "planned", "{answer}");
    assert_eq!(answer["changes"][0]["uuid"], json!(object(1)));
    let stays = json!({"uuid": object(3), "components": ["transform"], "reason": "changed",
        "by": "unity", "seq": scene.seq()});
    assert_eq!(answer["left_out"], json!([stays]));
    let (answer, _) = client
        .call("undo", json!({"since_seq": 2, "label": "back"}))
        .await;
    assert_eq!(answer["state"], "verified", "{answer}");
    assert_eq!(answer["left_out"], json!([stays]));
    let asked = scene.undos();
    assert_eq!(asked[0].operations, [OperationId(operation)]);
    assert_eq!((asked[0].since_seq, asked[0].dry_run), (None, true));
    assert_eq!((asked[1].since_seq, asked[1].dry_run), (Some(2), false));
    assert_eq!(asked[1].label, "back");
    for arguments in [
        json!({}),
        json!({"since_seq": 2, "operations": [operation]}),
    ] {
        let (answer, is_error) = client.call("undo", arguments).await;
        assert!(
            is_error && answer["error"]["place"] == "operations",
            "{answer}"
        );
    }
    assert_eq!(scene.undos().len(), 2);
}
