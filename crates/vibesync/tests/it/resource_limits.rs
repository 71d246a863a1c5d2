//! A client that takes too much memory, time or too many connections is cut off. The editors beside it are not disturbed.

#[cfg(target_os = "linux")]
use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, DaemonMessage, Limits, Query, feature};
use vibesync_scene::{Role, Transform, Uuid};
use vibesync_testkit::{Client, Daemon, EditorSession};

use crate::harness::{
    CUBE, EditorsHarness, TIMEOUT, agent, create, dial, editor, expect_error, expect_fatal_error,
    frame, hear, moved, status,
};
use crate::hostile::challenged;
use crate::project::TestProject;

/// Connects and receives the challenge, but does not answer it.
fn connect_unauthenticated(daemon: &Daemon) -> Client {
    let mut client = dial(daemon);
    let first = hear(&mut client);
    assert!(
        matches!(first, DaemonMessage::Challenge { .. }),
        "{first:?}"
    );
    client
}

/// Returns the resident memory of the daemon in bytes.
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
fn false_frame_length_takes_no_memory() {
    EditorsHarness::new("[net]\nmax_connections = 64\n").disturb(|daemon| {
        let before = resident(daemon);
        // The lengths are allowed, but the content never comes: the daemon waits for it.
        let mut waiting: Vec<Client> = (0..20).map(|_| agent(daemon)).collect();
        for client in &mut waiting {
            client
                .send_bytes(&[16, 0, 0, 0, 0, 0, 0, 99, b'{'])
                .unwrap();
        }
        for mut client in (0..20).flat_map(|_| [connect_unauthenticated(daemon), agent(daemon)]) {
            client.send_bytes(&[0xFF; 8]).unwrap();
            expect_fatal_error(&mut client, "VS-1002");
        }
        // One such frame would be four times this. The work of the editors takes some memory too.
        let grown = resident(daemon).saturating_sub(before);
        assert!(grown < 64 << 20, "{grown} bytes more");
    });
}

#[test]
fn slow_handshake_is_cut_off() {
    EditorsHarness::new("[net]\nhandshake_timeout_ms = 1000\n").disturb(|daemon| {
        let mut silent = connect_unauthenticated(daemon);
        let mut slow = connect_unauthenticated(daemon);
        slow.send_bytes(&[0]).unwrap();
        expect_fatal_error(&mut slow, "VS-2004");
        expect_fatal_error(&mut silent, "VS-2004");
    });
}

#[test]
fn agents_above_the_limit_are_refused_and_commands_are_not() {
    let mut harness = EditorsHarness::new("[net]\nmax_connections = 4\n");
    harness.disturb(|daemon| {
        let first = agent(daemon);
        let _second = agent(daemon);
        let (mut third, hello) = challenged(daemon, Role::Agent);
        third.send(&ClientMessage::Hello(hello)).unwrap();
        expect_fatal_error(&mut third, "VS-2006");
        let (mut command, hello) = challenged(daemon, Role::Cli);
        command.send(&ClientMessage::Hello(hello)).unwrap();
        let answer = hear(&mut command);
        assert!(
            matches!(answer, DaemonMessage::Welcome { .. }),
            "{answer:?}"
        );
        drop(first);
        drop(agent_once_there_is_room(daemon));
    });
}

/// Connects an agent. A closed connection makes room for it once its end is in the log.
fn agent_once_there_is_room(daemon: &Daemon) -> Client {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let (mut next, hello) = challenged(daemon, Role::Agent);
        next.send(&ClientMessage::Hello(hello)).unwrap();
        if matches!(hear(&mut next), DaemonMessage::Welcome { .. }) {
            return next;
        }
        assert!(Instant::now() < deadline, "no connection became free");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn silent_strangers_keep_nobody_out() {
    let settings = "[net]\nmax_connections = 4\nhandshake_timeout_ms = 60000\n";
    EditorsHarness::new(settings).disturb(|daemon| {
        let mut strangers: Vec<Client> = (0..40).map(|_| connect_unauthenticated(daemon)).collect();
        for _ in 0..10 {
            drop(agent_once_there_is_room(daemon));
        }
        for stranger in &mut strangers[..8] {
            expect_fatal_error(stranger, "VS-2006");
        }
    });
}

#[test]
fn silent_client_is_disconnected() {
    EditorsHarness::new("[net]\nheartbeat_ms = 300\n").disturb(|daemon| {
        let started = Instant::now();
        expect_fatal_error(&mut agent(daemon), "VS-2007");
        let silent = started.elapsed();
        assert!(
            silent > Duration::from_millis(2_900),
            "too early: {silent:?}"
        );
    });
}

/// Sends the same bytes again and again without reading, until the daemon disconnects.
fn send_without_reading(daemon: &Daemon, bytes: &[u8]) {
    let mut client = agent(daemon);
    let deadline = Instant::now() + TIMEOUT;
    while client.send_bytes(bytes).is_ok() {
        assert!(
            Instant::now() < deadline,
            "a client that does not read is kept"
        );
    }
    // The engine must have removed the session too, not only the socket.
    let mut witness = agent(daemon);
    while status(&mut witness).sessions.len() != 3 {
        assert!(Instant::now() < deadline, "its session is kept");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn client_that_does_not_read_is_disconnected() {
    let query = ClientMessage::Query {
        request_id: Uuid::from_u128(1),
        what: Query::Status,
        after: None,
        limit: None,
    };
    let query = frame(serde_json::to_vec(&query).unwrap(), &[]);
    let ping = frame(r#"{"type":"ping","nonce":1,"head_seq":0}"#, &[]);
    let unknown = frame(r#"{"type":"teleport"}"#, &[]);
    EditorsHarness::new("").disturb(|daemon| {
        for bytes in [query, ping, unknown] {
            send_without_reading(daemon, &bytes.repeat(100));
        }
    });
}

/// One read-back ends all transactions that wait for it. Their outcomes come faster than an editor reads them.
#[test]
fn reading_editor_stays_connected_when_3000_moves_end() {
    const MOVES: u32 = 3_000;
    let project = TestProject::new();
    let daemon = project.start();
    let join = |role| EditorSession::join(&daemon, editor(&daemon, role), TIMEOUT).unwrap();
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

/// The allocator by itself keeps most of what a burst has freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn memory_of_a_burst_is_returned_at_rest() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[log]\nlevel = \"debug\"\n");
    let daemon = project.start();
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    let objects = (0..2_000).map(|_| create(Uuid::new_v4(), Transform::IDENTITY));
    blender.edit(objects.collect()).unwrap();
    while blender.editor.outcomes.is_empty() {
        blender.hear().unwrap();
    }
    let deadline = Instant::now() + TIMEOUT;
    while !project.daemon_log().contains("freed memory went back") {
        assert!(Instant::now() < deadline, "{}", project.daemon_log());
        blender.linger(Duration::from_millis(50)).unwrap();
    }
}

/// Pseudo-random numbers that are the same in each run (SplitMix64).
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
fn daemon_survives_random_bytes() {
    EditorsHarness::new("[net]\nmax_connections = 64\n").disturb(|daemon| {
        let mut numbers = Numbers(2_026);
        for round in 0..200 {
            let mut client = if round % 2 == 0 {
                connect_unauthenticated(daemon)
            } else {
                agent(daemon)
            };
            let length = numbers.next() % 5_000;
            let mut garbage: Vec<u8> = (0..length)
                .map(|_| numbers.next().to_le_bytes()[0])
                .collect();
            if round % 4 > 1 {
                // Correct lengths, so that the random bytes reach the next layer.
                garbage = frame(&garbage, &[]);
            }
            // The daemon may close the connection before it has read everything.
            let _ = client.send_bytes(&garbage);
        }
    });
}

/// Builds a frame with the longest allowed header, filled up by one text field.
fn filled(mut header: Value, field: &str) -> Vec<u8> {
    header[field] = "".into();
    let rest = (16 << 20) - header.to_string().len();
    header[field] = "x".repeat(rest).into();
    frame(header.to_string(), &[])
}

#[test]
fn text_of_frame_size_is_not_copied_into_the_log() {
    let mut harness = EditorsHarness::new("");
    harness.disturb(|daemon| {
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
    assert_eq!(harness.project.run(&["log", "verify"]).code, Some(0));
}

#[test]
fn long_header_needs_the_feature_large_batches() {
    let project = TestProject::new();
    let daemon = project.start();
    let long = " ".repeat(Limits::SESSION.header_bytes as usize);
    let applied = json!({"type": "applied", "batch_id": Uuid::new_v4(), "results": []});
    let answer = frame(format!("{applied}{long}"), &[]);
    let mut with = dial(&daemon);
    let mut blender = editor(&daemon, Role::Blender);
    blender.features.push(feature::LARGE_BATCHES.to_owned());
    with.shake_hands(&daemon, &mut blender).unwrap();
    with.send_bytes(&answer).unwrap();
    expect_error(&mut with, "VS-4004");
    let mut without = dial(&daemon);
    without
        .shake_hands(&daemon, &mut editor(&daemon, Role::Unity))
        .unwrap();
    // Only the beginning: the length alone is refused.
    without.send_bytes(&answer[..64]).unwrap();
    expect_fatal_error(&mut without, "VS-1003");
}
