//! Clients that want memory, time or all the connections. Each is cut off; the editors beside it work on undisturbed.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, DaemonMessage, Query};
use vibesync_scene::{Role, Transform, Uuid};
use vibesync_testkit::{Client, Daemon, EditorSession};

use crate::project::TestProject;
use crate::stage::{
    CUBE, PATIENCE, Stage, agent, create, dial, editor, ended, frame, hear, moved, start, status,
};

/// A connection that heard the challenge and says nothing.
fn stranger(daemon: &Daemon) -> Client {
    let mut client = dial(daemon);
    let first = hear(&mut client);
    assert!(
        matches!(first, DaemonMessage::Challenge { .. }),
        "{first:?}"
    );
    client
}

/// Bytes of the daemon's memory that are in use.
#[cfg(target_os = "linux")]
fn resident(daemon: &Daemon) -> u64 {
    let text = fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = text
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn a_length_that_lies_takes_no_memory() {
    Stage::new("[net]\nmax_connections = 64\n").disturb(|daemon| {
        let before = resident(daemon);
        // Allowed lengths, of which nothing comes: what is there to be told is that the daemon waits.
        let mut waiting: Vec<Client> = (0..20).map(|_| agent(daemon)).collect();
        for client in &mut waiting {
            client
                .send_bytes(&[16, 0, 0, 0, 0, 0, 0, 99, b'{'])
                .unwrap();
        }
        for mut client in (0..20).flat_map(|_| [stranger(daemon), agent(daemon)]) {
            client.send_bytes(&[0xFF; 8]).unwrap();
            ended(&mut client, "VS-1002");
        }
        // One such frame is four times this; the editors' own work takes some, the more the longer it is.
        let grown = resident(daemon).saturating_sub(before);
        assert!(grown < 64 << 20, "{grown} bytes more");
    });
}

#[test]
fn a_handshake_has_its_time() {
    Stage::new("[net]\nhandshake_timeout_ms = 1000\n").disturb(|daemon| {
        let mut silent = stranger(daemon);
        let mut slow = stranger(daemon);
        slow.send_bytes(&[0]).unwrap();
        ended(&mut slow, "VS-2004");
        ended(&mut silent, "VS-2004");
    });
}

#[test]
fn there_are_not_more_connections_than_allowed() {
    Stage::new("[net]\nmax_connections = 4\nhandshake_timeout_ms = 60000\n").disturb(|daemon| {
        let first = stranger(daemon);
        let _second = stranger(daemon);
        ended(&mut dial(daemon), "VS-2006");
        drop(first);
        let deadline = Instant::now() + PATIENCE;
        while !matches!(hear(&mut dial(daemon)), DaemonMessage::Challenge { .. }) {
            assert!(
                Instant::now() < deadline,
                "a place that is left is free again"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn a_client_that_says_nothing_is_closed() {
    Stage::new("[net]\nheartbeat_ms = 300\n").disturb(|daemon| {
        let started = Instant::now();
        ended(&mut agent(daemon), "VS-2007");
        let silent = started.elapsed();
        assert!(
            silent > Duration::from_millis(2_900),
            "too early: {silent:?}"
        );
    });
}

/// Sends the same over and over and reads nothing, until the daemon has had enough.
fn deafen(daemon: &Daemon, bytes: &[u8]) {
    let mut client = agent(daemon);
    let deadline = Instant::now() + PATIENCE;
    while client.send_bytes(bytes).is_ok() {
        assert!(
            Instant::now() < deadline,
            "a client that does not read is kept"
        );
    }
    // It is gone for the engine too, not just for the socket.
    let mut witness = agent(daemon);
    while status(&mut witness).sessions.len() != 3 {
        assert!(Instant::now() < deadline, "its session is kept");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let query = ClientMessage::Query {
        request_id: Uuid::from_u128(1),
        what: Query::Status,
        after: None,
        limit: None,
    };
    let query = frame(serde_json::to_vec(&query).unwrap(), &[]);
    let ping = frame(r#"{"type":"ping","nonce":1,"head_seq":0}"#, &[]);
    let unknown = frame(r#"{"type":"teleport"}"#, &[]);
    Stage::new("").disturb(|daemon| {
        for bytes in [query, ping, unknown] {
            deafen(daemon, &bytes.repeat(100));
        }
    });
}

/// All transactions that wait for one read-back end with it: their outcomes come faster than anybody reads.
#[test]
fn an_editor_that_reads_is_kept_however_much_ends_at_once() {
    const MOVES: u32 = 3_000;
    let project = TestProject::new();
    let daemon = start(&project);
    let join = |role| EditorSession::join(&daemon, editor(&daemon, role), PATIENCE).unwrap();
    let (mut blender, mut unity) = (join(Role::Blender), join(Role::Unity));
    let at = |x| Transform {
        translation: [f64::from(x), 0.0, 0.0],
        ..Transform::IDENTITY
    };
    blender.edit(vec![create(CUBE, at(0))]).unwrap();
    while blender.editor.outcomes.is_empty() {
        unity.linger(Duration::from_millis(20)).unwrap();
        blender.linger(Duration::from_millis(20)).unwrap();
    }
    for x in 1..=MOVES {
        blender.edit(vec![moved(CUBE, at(x))]).unwrap();
    }
    let other = std::thread::spawn(move || while unity.hear().is_ok() {});
    while blender.editor.outcomes.len() <= MOVES as usize {
        blender.hear().unwrap();
    }
    drop(daemon);
    other.join().unwrap();
}

/// Numbers that look random and are the same in each run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[test]
fn garbage_never_ends_the_daemon() {
    Stage::new("[net]\nmax_connections = 64\n").disturb(|daemon| {
        let mut numbers = Numbers(2_026);
        for round in 0..200 {
            let mut client = if round % 2 == 0 {
                stranger(daemon)
            } else {
                agent(daemon)
            };
            let length = numbers.next() % 5_000;
            let mut garbage: Vec<u8> = (0..length)
                .map(|_| numbers.next().to_le_bytes()[0])
                .collect();
            if round % 4 > 1 {
                // Lengths that hold, so that the garbage gets further.
                garbage = frame(&garbage, &[]);
            }
            // The daemon may close before it has taken everything.
            let _ = client.send_bytes(&garbage);
        }
    });
}

/// A frame whose header is as long as one may be, the text in it doing the filling.
fn filled(mut header: Value, field: &str) -> Vec<u8> {
    header[field] = "".into();
    let rest = (16 << 20) - header.to_string().len();
    header[field] = "x".repeat(rest).into();
    frame(header.to_string(), &[])
}

#[test]
fn text_that_fills_a_frame_does_not_fill_a_record_of_the_log() {
    let mut stage = Stage::new("");
    stage.disturb(|daemon| {
        let mut client = agent(daemon);
        let wordy = json!({
            "type": "intent", "operation_id": Uuid::new_v4(), "project_id": daemon.discovery().project_id,
            "schema_version": 1, "base_seq": 0, "changes": [create(Uuid::new_v4(), Transform::IDENTITY)],
        });
        client.send_bytes(&filled(wordy, "label")).unwrap();
        match hear(&mut client) {
            DaemonMessage::Ack { error, .. } => assert_eq!(error.unwrap().location, "label"),
            other => panic!("a refusal was expected, not {other:?}"),
        }
        let goodbye = filled(json!({"type": "goodbye"}), "reason");
        client.send_bytes(&goodbye).unwrap();
        status(&mut agent(daemon));
    });
    assert_eq!(stage.project.run(&["log", "verify"]).code, Some(0));
}
