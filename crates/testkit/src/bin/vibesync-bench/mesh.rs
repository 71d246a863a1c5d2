//! Measures a mesh of a million vertices from editor to editor. The limit is a plain copy of its bytes over loopback
//! plus their hash.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::{
    AppliedResult, ApplyStatus, ClientMessage, DaemonMessage, Intent, SCHEMA_VERSION, parse_daemon,
};
use vibesync_scene::{
    Buffer, Change, Components, Entity, EntityKind, Mesh, OperationId, Phase, Role, Submesh,
};
use vibesync_testkit::{EditorSession, with_attachments};

use crate::harness::{Fallible, Harness, PATIENCE, join};
use crate::limits;
use crate::report::{Bar, Report, Samples};

/// Vertices on one side of the grid, and triangle corners of all its squares.
const SIDE: usize = 1_000;
const CORNERS: usize = (SIDE - 1) * (SIDE - 1) * 6;
const ROUNDS: usize = 5;

/// The bar: half the speed of the plain copy.
const BAR: Bar = Bar::AtLeast(0.5);

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let daemon = harness.daemon(folder.path(), "")?;
    let (mut a, b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let (tell, arrivals) = sync_channel(ROUNDS);
    let editor_b = std::thread::spawn(move || answer(b, &tell));
    let [mut copied, mut stored, mut arrived, mut verified]: [Samples; 4] = Default::default();
    let mut mebibytes = 0.0;
    for round in 0..ROUNDS {
        let frame = frame(&a, &buffers(round))?;
        mebibytes = frame.len() as f64 / f64::from(1 << 20);
        copied.push(mebibytes / limits::copy_and_hash(&frame)?.as_secs_f64());
        stored.push(mebibytes / limits::store(&frame, folder.path())?.as_secs_f64());
        let (to_b, to_end) = send(&mut a, &frame, &arrivals)?;
        arrived.push(mebibytes / to_b.as_secs_f64());
        verified.push(to_end.as_secs_f64());
    }
    report.value("bytes", mebibytes, "MiB")?;
    report.value("copy_and_blake3", copied.p50(), "MiB/s")?;
    report.value("write_and_fdatasync", stored.p50(), "MiB/s")?;
    report.against(
        "editor_to_editor",
        arrived.p50(),
        copied.p50(),
        "MiB/s",
        Some(BAR),
    )?;
    report.value("until_verified", verified.p50(), "s")?;
    if let Some(peak) = crate::process::peak(daemon.pid()) {
        report.value("peak_memory", peak, "MB")?;
    }
    drop((a, daemon));
    editor_b.join().map_err(|_| "editor B panicked".into())
}

/// Makes a grid with different buffers in each round, so that no content is known from the round before.
fn buffers(round: usize) -> BTreeMap<&'static str, Vec<u8>> {
    let bytes =
        |numbers: &mut dyn Iterator<Item = f32>| numbers.flat_map(f32::to_le_bytes).collect();
    let bump = 0.01 * (round + 1) as f32;
    let vertices = (0..SIDE * SIDE).map(|i| ((i % SIDE) as f32, (i / SIDE) as f32));
    let position = bytes(&mut vertices.flat_map(|(x, y)| [x, bump * (x * y).sin(), y]));
    let normal = bytes(&mut (0..CORNERS).flat_map(|i| [bump, 0.9, (i % 97) as f32 / 97.0]));
    let uv = bytes(&mut (0..CORNERS).flat_map(|i| [bump, (i % 89) as f32 / 89.0]));
    let mut index: Vec<u8> = (0..CORNERS / 6)
        .flat_map(square)
        .flat_map(u32::to_le_bytes)
        .collect();
    index.rotate_left(round * 12);
    BTreeMap::from([
        ("index", index),
        ("normal", normal),
        ("position", position),
        ("uv0", uv),
    ])
}

/// Returns the two triangles of one square of the grid.
fn square(i: usize) -> [u32; 6] {
    let corner = (i / (SIDE - 1) * SIDE + i % (SIDE - 1)) as u32;
    let side = SIDE as u32;
    [0, side, side + 1, 0, side + 1, 1].map(|step| corner + step)
}

/// Makes an intent that creates the mesh, with its bytes attached.
fn frame(sender: &EditorSession, buffers: &BTreeMap<&'static str, Vec<u8>>) -> Fallible<Vec<u8>> {
    let named = buffers.iter().zip(0..).map(|((name, bytes), at)| {
        let buffer = Buffer {
            attachment: Some(at),
            blob: None,
            base: None,
            bytes: bytes.len() as u64,
        };
        ((*name).to_owned(), buffer)
    });
    let mesh = Mesh {
        vertex_count: (SIDE * SIDE) as u32,
        corner_count: CORNERS as u32,
        submeshes: vec![Submesh {
            slot: 0,
            start: 0,
            count: CORNERS as u32,
        }],
        buffers: named.collect(),
    };
    let intent = ClientMessage::Intent(Intent {
        operation_id: OperationId(Uuid::now_v7()),
        project_id: sender.editor.project,
        schema_version: SCHEMA_VERSION,
        base_seq: sender.editor.head_seq,
        request_id: None,
        label: "Add Grid".into(),
        dry_run: false,
        changes: vec![Change::Create {
            uuid: Uuid::now_v7(),
            kind: EntityKind::Mesh,
            components: Components {
                name: Some("Grid".into()),
                mesh: Some(Box::new(mesh)),
                ..Components::default()
            },
        }],
    });
    Ok(with_attachments(
        &intent,
        &buffers.values().collect::<Vec<_>>(),
    )?)
}

/// Measures from the first byte sent until B has read the last one, and until A knows that B's read-back is equal.
fn send(
    a: &mut EditorSession,
    frame: &[u8],
    arrivals: &Receiver<Instant>,
) -> Fallible<(Duration, Duration)> {
    let begin = Instant::now();
    a.client().send_bytes(frame)?;
    loop {
        match a.hear()?.message {
            DaemonMessage::Outcome {
                phase: Phase::Commit,
                ..
            } => break,
            DaemonMessage::Outcome { error, .. }
            | DaemonMessage::Ack {
                error: error @ Some(_),
                ..
            } => {
                return Err(format!("the mesh did not arrive: {error:?}").into());
            }
            _ => {}
        }
    }
    let end = begin.elapsed();
    let arrived = arrivals.recv_timeout(PATIENCE)?;
    Ok((arrived.duration_since(begin), end))
}

/// Editor B: reports the arrival of a batch, then sends all of its content back as its read-back.
fn answer(mut b: EditorSession, tell: &SyncSender<Instant>) {
    while let Ok((frame, at)) = b.client().frame() {
        let answered = match parse_daemon(&frame) {
            Ok((
                DaemonMessage::Apply {
                    batch_id, changes, ..
                },
                attachments,
            )) => {
                let _ = tell.send(at);
                let held = changes.into_iter().map(|change| held(change.change));
                let message = ClientMessage::Applied {
                    batch_id,
                    results: held.collect(),
                };
                with_attachments(&message, &attachments)
                    .map(|bytes| b.client().send_bytes(&bytes).is_ok())
            }
            Ok((DaemonMessage::Ping { nonce, head_seq }, _)) => {
                let pong = ClientMessage::Pong {
                    nonce,
                    head_seq,
                    editor_state: None,
                };
                Ok(b.client().send(&pong).is_ok())
            }
            _ => Ok(true),
        };
        if !answered.unwrap_or(false) {
            return;
        }
    }
}

/// Makes the read-back of an editor that has applied everything. It names attachments, not hashes.
fn held(mut change: Change) -> AppliedResult {
    let uuid = change.uuid();
    let mut components = change.components_mut().cloned().unwrap_or_default();
    for buffer in components
        .mesh
        .iter_mut()
        .flat_map(|mesh| mesh.buffers.values_mut())
    {
        buffer.blob = None;
    }
    AppliedResult {
        uuid,
        status: ApplyStatus::Applied,
        state: Some(Entity {
            uuid,
            kind: EntityKind::Mesh,
            components,
        }),
        error: None,
    }
}
