//! What a section measures on: a folder of its own on a real disk, the real daemon, editors connected to it.

use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;
use vibesync_protocol::DaemonMessage;
use vibesync_scene::{InstanceId, OperationId, Role};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

/// A section breaks off with whatever went wrong.
pub type Fallible<T = ()> = Result<T, Box<dyn Error>>;

/// Whatever is not answered in this time breaks the section off.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The shortest window that the daemon's settings allow: samples need the least waiting.
pub const WINDOW: Duration = Duration::from_millis(250);

/// Where to measure.
pub struct Ground {
    /// The daemon's program.
    pub program: PathBuf,
}

impl Ground {
    /// A folder beside the program: a temporary one may be in memory, where durability costs nothing.
    pub fn folder(&self) -> io::Result<TempDir> {
        let beside = self.program.parent().unwrap_or(Path::new("."));
        tempfile::Builder::new()
            .prefix("vibesync-bench-")
            .tempdir_in(beside)
    }

    /// A daemon on `folder/project`. Everything is set as by default but for the window and what `settings` says.
    pub fn daemon(&self, folder: &Path, settings: &str) -> io::Result<Daemon> {
        let own = folder.join("project/.vibesync");
        fs::create_dir_all(&own)?;
        let window = WINDOW.as_millis();
        let text = format!("[engine]\nbatch_window_ms = {window}\n{settings}");
        vibesync_store::durable::write(&own.join("vibesync.toml"), text.as_bytes())
            .map_err(io::Error::other)?;
        Daemon::start(&self.program, folder)
    }
}

/// An editor without a scene.
pub fn editor(daemon: &Daemon, role: Role) -> FakeEditor {
    let instance = InstanceId(Uuid::new_v4());
    FakeEditor::new(role, instance, daemon.discovery().project_id)
}

/// An editor without a scene, connected.
pub fn join(daemon: &Daemon, role: Role) -> io::Result<EditorSession> {
    EditorSession::join(daemon, editor(daemon, role), PATIENCE)
}

/// An `apply` frame that reached editor B: what it carries, and when it had arrived.
struct Arrival {
    operations: Vec<OperationId>,
    at: Instant,
}

/// Editor B in a thread of its own, as it is a process of its own in real life.
pub struct Receiving {
    arrivals: Receiver<Arrival>,
    thread: JoinHandle<()>,
}

impl Receiving {
    /// Lets it hear and answer until the daemon ends.
    pub fn start(mut session: EditorSession) -> Self {
        // More than the batches of a section that asks for them: the editor never waits for who measures.
        let (tell, arrivals) = mpsc::sync_channel(10_000);
        let thread = std::thread::spawn(move || {
            // Whoever waits for an arrival notices the end.
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
    pub fn arrival(&self, operation: OperationId) -> Fallible<Instant> {
        loop {
            let arrival = self.arrivals.recv_timeout(PATIENCE)?;
            if arrival.operations.contains(&operation) {
                return Ok(arrival.at);
            }
        }
    }

    /// Waits for its end, after the daemon's.
    pub fn end(self) -> Fallible {
        self.thread.join().map_err(|_| "editor B panicked".into())
    }
}
