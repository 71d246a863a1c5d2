//! Checks the part of the log that the start did not read, in the background. Damage there is reported, and the daemon
//! goes on: a checkpoint stands for that part.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vibesync_scene::Code;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::verify_before;

use crate::platform::priority::lower_priority;

/// Maximum number of bytes in a second, so that clients have the disk for themselves.
const BYTES_PER_SECOND: u64 = 32 << 20;
/// Longest sleep between two looks at the request to stop.
const SLEEP: Duration = Duration::from_millis(100);

/// The running or finished check.
pub struct LogCheck {
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Control {
    is_stopping: AtomicBool,
    damage: Mutex<Option<String>>,
}

impl LogCheck {
    /// Checks the segments before the one of record `covered`. Without a checkpoint the start has read all of them.
    pub fn start(wal: PathBuf, covered: Option<u64>) -> std::io::Result<Self> {
        let control = Arc::new(Control::default());
        let thread = match covered {
            None => None,
            Some(seq) => {
                let control = Arc::clone(&control);
                let check = move || run(&control, &wal, seq);
                let thread = std::thread::Builder::new().name("log check".into());
                Some(thread.spawn(check)?)
            }
        };
        Ok(Self { control, thread })
    }

    /// Returns the damage that was found; none as long as there is none.
    pub fn damage(&self) -> Option<String> {
        self.control.damage().clone()
    }
}

impl Drop for LogCheck {
    fn drop(&mut self) {
        self.control.is_stopping.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the thread that checks the log had panicked");
            }
        }
    }
}

impl Control {
    fn damage(&self) -> MutexGuard<'_, Option<String>> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Acquire)
    }

    /// Sleeps until so many bytes may have been read. Returns false at a request to stop.
    fn pace(&self, started: Instant, bytes: u64) -> bool {
        let due = started + Duration::from_millis(bytes.saturating_mul(1_000) / BYTES_PER_SECOND);
        while let Some(rest) = due.checked_duration_since(Instant::now())
            && !self.is_stopping()
        {
            std::thread::park_timeout(rest.min(SLEEP));
        }
        !self.is_stopping()
    }
}

fn run(control: &Control, wal: &std::path::Path, seq: u64) {
    lower_priority();
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let (started, read) = (Instant::now(), std::cell::Cell::new(0));
    let checked = verify_before(&disk, wal, seq, &|bytes| {
        read.set(read.get() + bytes as u64);
        control.pace(started, read.get())
    });
    match checked {
        Ok(()) => tracing::debug!(bytes = read.get(), "the earlier part of the log is whole"),
        Err(error) => {
            let code = error.code();
            tracing::error!(
                error_code = %code,
                "a part of the log that a checkpoint covers is damaged: {error}. {}",
                code.help()
            );
            let covers = match code {
                Code::LogDamaged => " (a checkpoint covers this part)",
                _ => "",
            };
            *control.damage() = Some(format!("{code}: {error}{covers}"));
        }
    }
}
