//! A client that breaks the protocol gets the error code for it. The editors beside it are not disturbed.

use serde_json::json;
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorState, Hello};
use vibesync_scene::{BatchId, Code, Role, Uuid};
use vibesync_testkit::{Client, Daemon};

use crate::harness::{
    EditorsHarness, agent, dial, editor, expect_error, expect_fatal_error, frame, hear, status,
    with_fields,
};
use crate::project::TestProject;

/// Connects, receives the challenge, and prepares a correct hello.
pub fn challenged(daemon: &Daemon, role: Role) -> (Client, Hello) {
    let mut client = dial(daemon);
    let DaemonMessage::Challenge {
        nonce, project_id, ..
    } = hear(&mut client)
    else {
        panic!("the challenge comes first");
    };
    let own = "ab".repeat(32);
    let proof = daemon.token().client_proof(&nonce, &own, project_id);
    let hello = editor(daemon, role).hello(own, proof);
    (client, hello)
}

#[test]
fn wrong_handshake_ends_the_connection_at_once() {
    let nobody = Uuid::from_u128(0xBAD).to_string();
    let wrong_hellos = [
        (json!({"proof": "0".repeat(64)}), "VS-2002"),
        (json!({"proof": ""}), "VS-2002"),
        (json!({"nonce": "cd".repeat(32)}), "VS-2002"),
        (json!({"project_id": nobody}), "VS-2003"),
        (json!({"protocol": 2}), "VS-2001"),
        (json!({"schema_version": 2}), "VS-2001"),
        (json!({"last_seq": 1_000_000}), "VS-4007"),
        (json!({"role": "unity"}), "VS-2005"),
        (json!({"role": "painter"}), "VS-1006"),
        (json!({"protocol": -1}), "VS-1006"),
        (json!({"unheard_of": 1}), "VS-1006"),
        (json!({"type": "greetings"}), "VS-1005"),
        (json!({"type": null}), "VS-1005"),
    ];
    EditorsHarness::new("").disturb(|daemon| {
        for (fields, code) in wrong_hellos {
            let (mut client, hello) = challenged(daemon, Role::Agent);
            let bytes = with_fields(&ClientMessage::Hello(hello), fields);
            client.send_bytes(&bytes).unwrap();
            expect_fatal_error(&mut client, code);
        }
        let early = ClientMessage::EditorState {
            state: EditorState::Ready,
            objects: None,
        };
        let (mut client, _) = challenged(daemon, Role::Blender);
        client.send(&early).unwrap();
        expect_fatal_error(&mut client, "VS-1005");
    });
}

/// Frames that no client may send: name, bytes, error code.
fn broken_frames() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = format!(
        r#"{{"type":"goodbye","reason":{}{}}}"#,
        "[".repeat(64),
        "]".repeat(64)
    );
    let deeper = format!(r#"{{"type":{}{}}}"#, "[".repeat(9_000), "]".repeat(9_000));
    vec![
        ("length 0", vec![0; 4], "VS-1001"),
        ("length 3", vec![0, 0, 0, 3], "VS-1001"),
        ("length 2^32 - 1", vec![0xFF; 4], "VS-1002"),
        (
            "a header longer than its frame",
            vec![0, 0, 0, 9, 0, 0, 0, 6],
            "VS-1003",
        ),
        (
            "a header of 2^32 - 1",
            vec![0, 0, 0, 9, 255, 255, 255, 255],
            "VS-1003",
        ),
        ("no header", frame("", &[]), "VS-1003"),
        ("half a header", frame(r#"{"type":"hello""#, &[]), "VS-1003"),
        ("two objects", frame("{}{}", &[]), "VS-1003"),
        ("an array", frame("[]", &[]), "VS-1003"),
        (
            "a number that JSON does not have",
            frame(r#"{"type":NaN}"#, &[]),
            "VS-1003",
        ),
        ("no UTF-8", frame(b"{\"type\":\"\xFF\"}", &[]), "VS-1003"),
        (
            "lengths that are no numbers",
            frame(r#"{"attachments":"3"}"#, &[]),
            "VS-1003",
        ),
        ("nested too deep", frame(deep, &[]), "VS-1003"),
        ("nested deeper than a stack", frame(deeper, &[]), "VS-1003"),
        (
            "an attachment that is not listed",
            frame("{}", &[b"abc"]),
            "VS-1004",
        ),
        (
            "an attachment that is missing",
            frame(r#"{"attachments":[1]}"#, &[]),
            "VS-1004",
        ),
    ]
}

#[test]
fn broken_frame_ends_its_connection() {
    EditorsHarness::new("").disturb(|daemon| {
        for (name, bytes, code) in broken_frames() {
            println!("{name}, in place of hello");
            let (mut client, _) = challenged(daemon, Role::Blender);
            client.send_bytes(&bytes).unwrap();
            expect_fatal_error(&mut client, code);
            println!("{name}, in a session");
            let mut client = agent(daemon);
            client.send_bytes(&bytes).unwrap();
            expect_fatal_error(&mut client, code);
        }
        let lengths = format!(r#"{{"attachments":{:?}}}"#, vec![0; 1_025]);
        for (bytes, code) in [
            (frame(r#"{"attachments":[2]}"#, &[b"abc"]), "VS-1004"),
            (frame(r#"{"attachments":[2,2]}"#, &[b"abc"]), "VS-1004"),
            (
                frame(r#"{"attachments":[18446744073709551615,4]}"#, &[b"abc"]),
                "VS-1004",
            ),
            (frame(lengths, &[]), "VS-1004"),
            (vec![1, 0, 0, 5, 1, 0, 0, 1], "VS-1003"),
        ] {
            let mut client = agent(daemon);
            client.send_bytes(&bytes).unwrap();
            expect_fatal_error(&mut client, code);
        }
        // Unauthenticated clients have smaller limits than sessions.
        let (mut stranger, _) = challenged(daemon, Role::Blender);
        stranger.send_bytes(&65_537_u32.to_be_bytes()).unwrap();
        expect_fatal_error(&mut stranger, "VS-1002");
    });
}

#[test]
fn malformed_intent_is_answered_with_its_operation_id() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut client = agent(&daemon);
    let id = "01890000-0000-7000-8000-000000000001";
    for (header, expected) in [
        (
            format!(r#"{{"type":"intent","operation_id":"{id}","changes":[{{"op":"explode"}}]}}"#),
            Some(id),
        ),
        (r#"{"type":"intent","operation_id":7}"#.to_owned(), None),
        (format!(r#"{{"type":"ping","operation_id":"{id}"}}"#), None),
    ] {
        client.send_bytes(&frame(&header, &[])).unwrap();
        let DaemonMessage::Error {
            error,
            operation_id,
            fatal,
            ..
        } = hear(&mut client)
        else {
            panic!("an error was expected for {header}");
        };
        assert_eq!((error.code, fatal), (Code::MessageMalformed, false));
        let named = operation_id.map(|id| id.to_string());
        assert_eq!(named.as_deref(), expected, "{header}");
    }
}

#[test]
fn wrong_message_is_answered_and_the_session_goes_on() {
    let batch_id = BatchId(Uuid::from_u128(0xBAD));
    EditorsHarness::new("").disturb(|daemon| {
        let mut client = agent(daemon);
        for (header, code) in [
            (r#"{"type":"teleport"}"#, "VS-1005"),
            (r#"{"type":"welcome"}"#, "VS-1005"),
            (r#"{}"#, "VS-1005"),
            (r#"{"type":7}"#, "VS-1005"),
            (r#"{"type":"goodbye"}"#, "VS-1006"),
            (r#"{"type":"goodbye","reason":7}"#, "VS-1006"),
            (r#"{"type":"goodbye","reason":"","why":""}"#, "VS-1006"),
            (r#"{"type":"ping","nonce":-1,"head_seq":0}"#, "VS-1006"),
            (r#"{"type":"ping","nonce":1e999,"head_seq":0}"#, "VS-1006"),
            (r#"{"type":"editor_state","state":"asleep"}"#, "VS-1006"),
            (
                r#"{"type":"intent","changes":[{"op":"explode"}]}"#,
                "VS-1006",
            ),
        ] {
            client.send_bytes(&frame(header, &[])).unwrap();
            expect_error(&mut client, code);
        }
        let applied = ClientMessage::Applied {
            batch_id,
            results: vec![],
        };
        client.send(&applied).unwrap();
        expect_error(&mut client, "VS-4004");
        let hello = editor(daemon, Role::Agent).hello(String::new(), String::new());
        client.send(&ClientMessage::Hello(hello)).unwrap();
        expect_error(&mut client, "VS-1005");
        assert_eq!(status(&mut client).sessions.len(), 3);
    });
}
