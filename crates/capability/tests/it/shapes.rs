//! The documented JSON of commands, responses and events.

use serde_json::{Value, json};
use vibesync_capability::{
    AddonCommand, AvailableAddon, CommandResponse, HandlerResult, Listing, RegistryEvent,
    registry_events,
};

fn command() -> Value {
    json!({
        "type": "addon_command",
        "addon_id": "target_addon",
        "command": "command_name",
        "params": {"parameter_name": "parameter_value"},
        "request_id": "uuid-string",
        "username": "user123"
    })
}

fn response(status: &str) -> Value {
    json!({
        "type": "command_response",
        "request_id": "uuid-string",
        "addon_id": "target_addon",
        "command": "command_name",
        "result": {"status": status, "message": "Human-readable status message", "data": {}}
    })
}

#[test]
fn command_keeps_its_documented_shape() {
    let read = AddonCommand::from_json(&command()).unwrap();
    assert_eq!(read.params["parameter_name"], "parameter_value");
    assert_eq!(read.to_json(), command());
}

#[test]
fn message_id_is_taken_and_echoed() {
    let mut aliased = command();
    aliased.as_object_mut().unwrap().remove("request_id");
    aliased["message_id"] = json!("m-1");
    aliased["metadata"] = json!({"route": "direct"});
    let read = AddonCommand::from_json(&aliased).unwrap();
    assert_eq!(read.request_id.as_str(), "m-1");
    assert_eq!(read.to_json(), aliased);
    let mut answer = response("success");
    answer.as_object_mut().unwrap().remove("request_id");
    answer["message_id"] = json!("m-1");
    assert_eq!(
        CommandResponse::from_json(&answer).unwrap().to_json(),
        answer
    );
}

#[test]
fn command_of_another_form_is_refused_with_its_field() {
    let cases = [
        ("type", json!("command")),
        ("addon_id", json!(7)),
        ("addon_id", json!("")),
        ("command", json!("a".repeat(65))),
        ("params", json!([1])),
        ("request_id", json!(null)),
        ("username", json!({})),
        ("metadata", json!("route")),
        ("metadata", json!({"route": "a".repeat(5_000)})),
        ("message_id", json!("another")),
        ("code", json!("import os")),
    ];
    for (key, value) in cases {
        let mut changed = command();
        changed[key] = value;
        let error = AddonCommand::from_json(&changed).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.location.as_str()),
            ("VS-1006", key),
            "{error}"
        );
    }
    for key in ["type", "addon_id", "command", "request_id"] {
        let mut changed = command();
        changed.as_object_mut().unwrap().remove(key);
        let error = AddonCommand::from_json(&changed).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.location.as_str()),
            ("VS-1006", key)
        );
    }
}

#[test]
fn both_ids_are_taken_when_they_are_equal() {
    let mut both = command();
    both["message_id"] = json!("uuid-string");
    assert_eq!(
        AddonCommand::from_json(&both).unwrap().request_id.key(),
        "request_id"
    );
}

#[test]
fn response_keeps_its_documented_shape() {
    for status in ["success", "error", "warning"] {
        let read = CommandResponse::from_json(&response(status)).unwrap();
        assert_eq!(read.result.status.as_str(), status);
        assert_eq!(read.to_json(), response(status));
    }
    let failed = json!({"status": "error", "message": "no", "data": {}, "error_code": "OPERATION_FAILED", "object": 1});
    assert_eq!(HandlerResult::from_json(&failed).unwrap().to_json(), failed);
    let short = HandlerResult::from_json(&json!({"status": "success"})).unwrap();
    assert_eq!(
        short.to_json(),
        json!({"status": "success", "message": "", "data": {}})
    );
}

#[test]
fn unusable_result_is_refused() {
    let results = [
        json!("done"),
        json!({}),
        json!({"status": "ok"}),
        json!({"status": true}),
        json!({"status": "success", "message": 1}),
        json!({"status": "success", "message": "a".repeat(2_001)}),
        json!({"status": "error", "error_code": "no capitals"}),
        json!({"status": "success", "data": "a".repeat(300_000)}),
    ];
    for result in results {
        let mut answer = response("success");
        answer["result"] = result;
        let error = CommandResponse::from_json(&answer).unwrap_err();
        assert_eq!(error.code.as_str(), "VS-9108", "{error}");
    }
}

fn listing(id: &str, version: &str) -> Listing {
    Listing {
        addon: AvailableAddon {
            addon_id: id.to_owned(),
            name: id.to_owned(),
            version: version.to_owned(),
            editor: "blender".to_owned(),
            state: "ready".to_owned(),
            tools: vec!["make".to_owned()],
        },
        manifest: json!({"addon_info": {"id": id, "version": version}}),
    }
}

#[test]
fn events_keep_their_documented_shapes() {
    let [old, new] = [listing("old", "1.0"), listing("new", "2.0")];
    let events = registry_events(&[old], &[new]);
    assert_eq!(
        serde_json::to_value(&events).unwrap(),
        json!([
            {"type": "addon_unregistered", "addon_id": "old"},
            {"type": "addon_registered", "addon_id": "new", "manifest": {"addon_info": {"id": "new", "version": "2.0"}}},
            {"type": "registry_updated", "available_addons": [{
                "addon_id": "new", "name": "new", "version": "2.0", "editor": "blender", "state": "ready", "tools": ["make"]
            }]}
        ])
    );
}

#[test]
fn events_are_sent_only_when_something_differs() {
    let [a, b] = [listing("a", "1.0"), listing("b", "1.0")];
    assert!(registry_events(&[a.clone(), b.clone()], &[b.clone(), a.clone()]).is_empty());
    let mut away = a.clone();
    away.addon.state = "missing_requirement".to_owned();
    let events = registry_events(&[a.clone(), b.clone()], &[away, b]);
    assert!(
        matches!(events[..], [RegistryEvent::RegistryUpdated { .. }]),
        "{events:?}"
    );
    let events = registry_events(&[a], &[listing("a", "1.1")]);
    assert!(
        matches!(events[0], RegistryEvent::AddonRegistered { .. }),
        "{events:?}"
    );
}
