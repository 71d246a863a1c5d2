//! An add-on from its editor to an MCP client, with real processes: discovered, allowed, called, changed, revoked.

use std::time::Instant;

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorCommand};
use vibesync_scene::{Change, OperationId, Role, Transform, Uuid};
use vibesync_testkit::fakes::addons::{FakeAddon, addon_list, success};
use vibesync_testkit::{Client, Daemon, FakeEditor};

use crate::harness::{TIMEOUT, create, dial, editor};
use crate::mcp::Server;
use crate::project::TestProject;

const ERA: &str = "2025-11-25";

/// Blender on its connection.
struct Blender {
    editor: FakeEditor,
    client: Client,
}

impl Blender {
    /// Connects with these add-ons.
    fn connect(daemon: &Daemon, addons: &[FakeAddon]) -> Self {
        let mut blender = Self {
            editor: editor(daemon, Role::Blender),
            client: dial(daemon),
        };
        let (client, editor) = (&mut blender.client, &mut blender.editor);
        client.shake_hands(daemon, editor).unwrap();
        blender.send(&blender.editor.inventory());
        blender.send(&ClientMessage::Capabilities(addon_list(addons)));
        blender
    }

    fn send(&mut self, message: &ClientMessage) {
        self.client.send(message).unwrap();
    }

    /// Waits for a call. Answers everything before it.
    fn command(&mut self) -> EditorCommand {
        loop {
            match self.client.receive().unwrap() {
                DaemonMessage::AddonCommand(command) => return command,
                message => {
                    for answer in self.editor.hear(message) {
                        self.send(&answer);
                    }
                }
            }
        }
    }
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

#[test]
fn agent_calls_an_addon_of_a_real_daemon() {
    let project = TestProject::new();
    let daemon = project.start();
    let addon = FakeAddon::new();
    let mut blender = Blender::connect(&daemon, &[addon]);
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
    let command = blender.command();
    assert_eq!(command.params["size"], 2.0);
    let operation = OperationId(Uuid::from_u128(0x0B));
    let stone: Change = create(Uuid::from_u128(0x57), Transform::IDENTITY);
    let intent = blender.editor.run_tool(operation, vec![stone], request);
    blender.send(&intent.unwrap());
    let response = success(&command, Some(operation));
    blender.send(&ClientMessage::CommandResponse(response));
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
