//! Clients that want memory, time or all the connections. Each is cut off; the editors beside it work on undisturbed.

use std::fs;
use std::time::{Duration, Instant};

use vibesync_protocol::{ClientMessage, DaemonMessage, Query};
use vibesync_scene::Uuid;
use vibesync_testkit::{Client, Daemon};

use crate::stage::{PATIENCE, Stage, agent, dial, ended, frame, hear, status};

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
        let grown = resident(daemon).saturating_sub(before);
        assert!(grown < 16 << 20, "{grown} bytes more");
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
    while status(&mut witness)["sessions"].as_array().unwrap().len() != 3 {
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
