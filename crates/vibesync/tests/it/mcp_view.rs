//! Looks and selections from an editor to an MCP client, with real processes.

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorView, Picture, ViewResult, feature};
use vibesync_scene::{Role, Transform, Uuid};
use vibesync_testkit::fakes::view::gray_png;
use vibesync_testkit::{Client, Daemon, EditorSession, FakeEditor, with_attachments};

use crate::harness::{TIMEOUT, create, editor};
use crate::mcp::Server;
use crate::project::TestProject;

const ERA: &str = "2026-07-28";
const STONE: Uuid = Uuid::from_u128(0x57);

/// Blender with a window, in session.
fn blender(daemon: &Daemon) -> EditorSession {
    let mut blender: FakeEditor = editor(daemon, Role::Blender);
    blender.features = vec![feature::VIEW.to_owned()];
    EditorSession::join(daemon, blender, TIMEOUT).unwrap()
}

/// Answers as the editor does until the server has answered a call. Returns the result.
fn call(server: &mut Server, blender: &mut EditorSession, tool: &str, arguments: Value) -> Value {
    let id = server.start_call(tool, arguments);
    let heard = |message: &DaemonMessage| {
        matches!(message, DaemonMessage::View(_) | DaemonMessage::Select(_))
    };
    while !heard(&blender.hear().unwrap().message) {}
    server.answer_of(id)["result"].clone()
}

/// Waits for a request for a picture.
fn asked(client: &mut Client) -> EditorView {
    loop {
        if let DaemonMessage::View(view) = client.receive().unwrap() {
            return view;
        }
    }
}

/// Returns true if a file below the folder has these bytes.
fn is_on_disk(folder: &std::path::Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => is_on_disk(&path, bytes),
            false => {
                let content = std::fs::read(&path).unwrap_or_default();
                content.windows(bytes.len()).any(|it| it == bytes)
            }
        }
    })
}

#[test]
fn agent_sees_the_picture_of_an_editor_and_nothing_stores_it() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut blender = blender(&daemon);
    blender
        .edit(vec![create(STONE, Transform::IDENTITY)])
        .unwrap();
    let (mut server, _) = Server::open(&project, ERA);
    let arguments = json!({"editor": "blender", "look": "top", "size": 600});
    let seen = call(&mut server, &mut blender, "scene_view", arguments);
    let fields = &seen["structuredContent"];
    assert_eq!(
        (&fields["width"], &fields["height"]),
        (&json!(600), &json!(300))
    );
    let image = &seen["content"][1];
    assert_eq!(image["mimeType"], "image/png", "{fields}");
    let png = gray_png(600, 300);
    // Three bytes are four characters.
    let length = image["data"].as_str().unwrap().len();
    assert_eq!(length, png.len().div_ceil(3) * 4);
    let arguments = json!({"editor": "blender", "uuids": [STONE]});
    let selected = call(&mut server, &mut blender, "selection_set", arguments);
    assert_eq!(selected["structuredContent"]["selected"], json!([STONE]));
    assert_eq!(blender.editor.selected, [STONE]);
    let log = project.run(&["log", "grep", "--agent", "agent"]);
    let line = "agent looked at blender: top, 600 x 300 pixels";
    assert!(log.out.contains(line), "{}", log.out);
    assert!(!is_on_disk(&project.root(), &png[..33]), "a file has it");
}

#[test]
fn picture_beyond_the_limits_is_refused_unread() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut session = blender(&daemon);
    let (mut server, _) = Server::open(&project, ERA);
    let arguments = json!({"editor": "blender"});
    let (png, huge) = (gray_png(768, 384), vec![0; (4 << 20) + 1]);
    for attachments in [vec![huge], vec![png.clone(), png.clone()], Vec::new()] {
        let id = server.start_call("scene_view", arguments.clone());
        let client = session.client();
        let result = ViewResult {
            request_id: asked(client).request_id,
            width: 768,
            height: 384,
            picture: Some(Picture(png.clone().into())),
            ..ViewResult::default()
        };
        let message = ClientMessage::ViewResult(result);
        let frame = with_attachments(&message, &attachments).unwrap();
        client.send_bytes(&frame).unwrap();
        let answer = server.answer_of(id);
        let code = &answer["result"]["structuredContent"]["error"]["code"];
        assert_eq!(code, "VS-9108", "{answer}");
    }
    let seen = call(&mut server, &mut session, "scene_view", arguments);
    assert_eq!(
        seen["structuredContent"]["width"], 768,
        "the connection goes on"
    );
}

#[test]
fn editor_without_a_window_says_so() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut session = blender(&daemon);
    session.editor.window_error = Some("Blender runs in the background".into());
    let (mut server, _) = Server::open(&project, ERA);
    let arguments = json!({"editor": "blender"});
    let seen = call(&mut server, &mut session, "scene_view", arguments.clone());
    let error = &seen["structuredContent"]["error"];
    assert_eq!(error["code"], "VS-9206");
    assert_eq!(error["message"], "Blender runs in the background");
    drop(session);
    let away = server.call("scene_view", arguments);
    assert_eq!(away["error"]["code"], "VS-9206", "{away}");
}
