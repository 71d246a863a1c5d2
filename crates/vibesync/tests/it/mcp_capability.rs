//! An add-on from its editor to an MCP client, with real processes: discovered, allowed, called, changed, revoked.

use std::time::Instant;

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorCommand};
use vibesync_scene::{Change, OperationId, Role, Transform, Uuid};
use vibesync_testkit::fakes::addons::{FakeAddon, addon_list, success};
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{TIMEOUT, create, editor};
use crate::mcp::Server;
use crate::project::TestProject;

const ERA: &str = "2025-11-25";

/// Connects Blender with these add-ons.
fn blender(daemon: &Daemon, addons: &[FakeAddon]) -> EditorSession {
    let mut blender = editor(daemon, Role::Blender);
    blender
        .send(&ClientMessage::Capabilities(addon_list(addons)))
        .unwrap();
    blender
}

/// Waits until the command line says so about the add-ons.
fn wait_for_state(project: &TestProject, state: &str) {
    let end = Instant::now() + TIMEOUT;
    loop {
        let told = project.run(&["agents", "capabilities"]);
        if told.out.contains(state) {
            return;
        }
        assert!(Instant::now() < end, "{state}: {}{}", told.out, told.err);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

fn command(blender: &mut EditorSession) -> EditorCommand {
    let end = Instant::now() + TIMEOUT;
    loop {
        for message in blender.receive_for(std::time::Duration::from_millis(100)) {
            if let DaemonMessage::AddonCommand(command) = message {
                return command;
            }
        }
        assert!(Instant::now() < end, "no command has come");
    }
}

#[test]
fn agent_calls_an_addon_of_a_real_daemon() {
    let project = TestProject::new();
    let daemon = project.start();
    let addon = FakeAddon::new();
    let mut blender = blender(&daemon, &[addon.clone()]);
    wait_for_state(&project, "needs_permission");
    let (mut server, _) = Server::open(&project, ERA);
    let listed = server.call("list_capabilities", json!({}));
    assert_eq!(listed["rows"][0]["state"], "needs_permission", "{listed}");
    let allowed = project.run(&["agents", "allow", "stone_maker", "--why", "test"]);
    assert_eq!(allowed.code, Some(0), "{}{}", allowed.out, allowed.err);
    wait_for_state(&project, "ready");
    let work = project.run(&["agents", "work", "agent"]);
    assert_eq!(work.code, Some(0), "{}", work.err);
    let request = Uuid::from_u128(0xCA11);
    let arguments: Value = json!({
        "addon_id": "stone_maker", "tool": "make_stone", "request_id": request,
        "params": {"size": 2.0}, "wait_ms": 0,
    });
    let running = server.call("call_capability", arguments.clone());
    assert_ne!(running["state"], "failed", "{running}");
    let command = command(&mut blender);
    assert_eq!(command.params["size"], 2.0);
    let operation = OperationId(Uuid::from_u128(0x0B));
    let stone: Change = create(Uuid::from_u128(0x57), Transform::IDENTITY);
    let intent = blender.editor.run_tool(operation, vec![stone], request);
    blender.send(&intent.unwrap()).unwrap();
    blender
        .send(&ClientMessage::CommandResponse(success(
            &command,
            Some(operation),
        )))
        .unwrap();
    let waiting = json!({"wait_ms": 20_000});
    let mut again = arguments;
    again["wait_ms"] = waiting["wait_ms"].clone();
    let done = server.call("call_capability", again.clone());
    assert_eq!(done["state"], "done", "{done}");
    assert_eq!(done["operation_id"], json!(operation));
    assert_eq!(
        server.call("call_capability", again),
        done,
        "answered again"
    );
    let log = project.run(&["log", "tail", "-n", "50"]);
    assert!(
        log.out.contains("agent calls stone_maker.make_stone"),
        "{}",
        log.out
    );
    assert!(
        log.out.contains("stone_maker in blender may be called"),
        "{}",
        log.out
    );
    let revoked = project.run(&["agents", "revoke", "stone_maker"]);
    assert_eq!(revoked.code, Some(0), "{}", revoked.err);
    wait_for_state(&project, "needs_permission");
    let stale = server.call("stone_maker__make_stone", json!({}));
    assert_eq!(stale["error"]["code"], "VS-9102", "{stale}");
    server.close();
}
