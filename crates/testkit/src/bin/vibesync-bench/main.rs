//! What a change costs on its way from one editor to the other, next to what the disk and the network allow at best.
//!
//! `vibesync-bench [--json]` starts the `vibesync` program that lies beside it. All numbers are from one run, on one
//! file system, under one load. A bar that is missed is said and is no failure; only a run that breaks off is.

mod footprint;
mod latency;
mod limits;
mod machine;
mod report;
mod scene;
mod throughput;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::DaemonMessage;
use vibesync_scene::{InstanceId, OperationId, Role};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use report::Report;

/// The shortest window that the daemon's settings allow: samples need the least waiting.
const WINDOW: Duration = Duration::from_millis(250);

/// Whatever is not answered in this time breaks the run off.
const PATIENCE: Duration = Duration::from_secs(10);

/// A run that takes longer is broken off.
const LONGEST: Duration = Duration::from_secs(170);

fn main() -> Result<(), Box<dyn Error>> {
    let json = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--json" => true,
        _ => return Err("usage: vibesync-bench [--json]".into()),
    };
    // Beside the program: a temporary folder may be in memory, where durability costs nothing.
    let program = std::env::current_exe()?.with_file_name(daemon_name());
    let beside = program.parent().unwrap_or(Path::new("."));
    let folder = tempfile::Builder::new()
        .prefix("vibesync-bench-")
        .tempdir_in(beside)?;
    let report = measure(&program, folder.path())?;
    report.print(json)?;
    Ok(())
}

fn daemon_name() -> &'static str {
    if cfg!(windows) {
        "vibesync.exe"
    } else {
        "vibesync"
    }
}

fn measure(program: &Path, folder: &Path) -> Result<Report, Box<dyn Error>> {
    let deadline = Instant::now() + LONGEST;
    let mut report = Report::default();
    machine::describe(folder, &mut report);
    configure(folder)?;
    let daemon = Daemon::start(program, folder)?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b)?;
    let receiver = Receiving::start(b);
    latency::paced(&mut a, &receiver, &uuids, folder, deadline, &mut report)?;
    footprint::idle(&mut a, daemon.pid(), &mut report)?;
    latency::back_to_back(&mut a, &uuids, folder, &mut report)?;
    footprint::settle(&mut a, daemon.pid())?;
    throughput::measure(&mut a, &uuids, &mut report)?;
    footprint::peak(daemon.pid(), &mut report);
    drop((a, daemon));
    receiver.end()?;
    Ok(report)
}

/// Everything as it is by default but for the window.
fn configure(folder: &Path) -> std::io::Result<()> {
    let settings = folder.join("project/.vibesync");
    fs::create_dir_all(&settings)?;
    let text = format!("[engine]\nbatch_window_ms = {}\n", WINDOW.as_millis());
    vibesync_store::durable::write(&settings.join("vibesync.toml"), text.as_bytes())
        .map_err(std::io::Error::other)
}

fn join(daemon: &Daemon, role: Role) -> std::io::Result<EditorSession> {
    let instance = InstanceId(Uuid::new_v4());
    let editor = FakeEditor::new(role, instance, daemon.discovery().project_id);
    EditorSession::join(daemon, editor, PATIENCE)
}

/// An `apply` frame that reached editor B: what it carries, and when it had arrived.
struct Arrival {
    operations: Vec<OperationId>,
    at: Instant,
}

/// Editor B in a thread of its own, as it is a process of its own in real life.
struct Receiving {
    arrivals: Receiver<Arrival>,
    thread: JoinHandle<()>,
}

impl Receiving {
    fn start(mut session: EditorSession) -> Self {
        // More than the batches of a whole run: the editor never waits for who measures.
        let (tell, arrivals) = mpsc::sync_channel(10_000);
        let thread = std::thread::spawn(move || {
            // Ends when the daemon does; whoever waits for an arrival notices.
            while let Ok(heard) = session.hear() {
                if let DaemonMessage::Apply { operations, .. } = heard.message {
                    let at = heard.at;
                    let _ = tell.try_send(Arrival { operations, at });
                }
            }
        });
        Self { arrivals, thread }
    }

    /// When the operation had arrived.
    fn arrival(&self, operation: OperationId) -> Result<Instant, Box<dyn Error>> {
        loop {
            let arrival = self.arrivals.recv_timeout(PATIENCE)?;
            if arrival.operations.contains(&operation) {
                return Ok(arrival.at);
            }
        }
    }

    fn end(self) -> Result<(), Box<dyn Error>> {
        self.thread.join().map_err(|_| "editor B panicked".into())
    }
}
