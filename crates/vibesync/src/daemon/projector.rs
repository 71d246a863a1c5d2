//! What is made from the log, in a thread of its own: registry, audit commits, checkpoints.
//!
//! It reads the log itself, from the files, as far as records are durable. So nothing queues up when git is slow or
//! locked, nothing is lost when it fails, and after a start it goes on where the registry says that it ended.

mod follower;
mod registry;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vibesync_scene::Replay;
use vibesync_store::audit::{Audit, AuditError};
use vibesync_store::disk::Disk;
use vibesync_store::retention::Policy;

use follower::Follower;

/// Records gather this long before they are followed: the change that brought them has the processor and the disk for
/// itself until it has arrived, and one look at the log is enough for many records.
const GATHER: Duration = Duration::from_millis(20);

/// Time between two looks at the log: what comes in it shares a pack and its fsyncs.
const PACE: Duration = Duration::from_millis(500);

/// How long to wait before something that failed is tried again: twice as long each time, up to a limit.
const RETRY: Duration = Duration::from_secs(2);
const LONGEST_RETRY: Duration = Duration::from_secs(60);

/// How long a stop may go on committing; the next start catches up with the rest.
const LAST_CHANCE: Duration = Duration::from_secs(3);

/// How far it stands back: the threads that answer editors get three times its share of a processor that both want.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// Where things are and how often.
pub struct Places {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// Log segments.
    pub wal: PathBuf,
    /// Checkpoints.
    pub checkpoints: PathBuf,
    /// Records between two checkpoints.
    pub checkpoint_every: u64,
    /// The registry.
    pub registry: PathBuf,
    /// What becomes of the parts of the log that checkpoints cover.
    pub retention: Policy,
}

/// The thread's handle.
pub struct Projector {
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Control {
    head: AtomicU64,
    stop: AtomicBool,
    /// The thread waits for records, and has to be woken for one.
    idle: AtomicBool,
    /// What keeps it from following the log.
    trouble: Mutex<Option<String>>,
}

/// Opens the audit.
pub type OpenAudit = Box<dyn Fn() -> Result<Audit, AuditError> + Send>;

/// When to try something again that failed.
#[derive(Default)]
struct Patience {
    failures: u32,
}

impl Patience {
    fn next(&mut self) -> Duration {
        let factor = 1 << self.failures.min(5);
        self.failures += 1;
        (RETRY * factor).min(LONGEST_RETRY)
    }
}

impl Projector {
    /// Starts following the log. `boot` is the state at the start, of which the operations are kept to be written into
    /// checkpoints; `checkpointed` is the newest checkpoint. `audit` is none where the user turned it off.
    pub fn start(
        places: Places,
        boot: &Replay,
        checkpointed: u64,
        audit: Option<OpenAudit>,
    ) -> std::io::Result<Self> {
        let control = Arc::new(Control::default());
        control.head.store(boot.last_seq, Ordering::Release);
        let follower = Follower::new(places, boot, checkpointed, audit);
        let for_thread = control.clone();
        let thread = std::thread::Builder::new()
            .name("projector".into())
            .spawn(move || run(follower, &for_thread))?;
        Ok(Self {
            control,
            thread: Some(thread),
        })
    }

    /// Records up to here are durable.
    pub fn follow(&self, head: u64) {
        self.control.head.store(head, Ordering::SeqCst);
        if let Some(thread) = &self.thread
            && self.control.idle.load(Ordering::SeqCst)
        {
            thread.thread().unpark();
        }
    }

    /// What keeps registry, checkpoints or audit from following the log, if anything; they catch up by themselves.
    pub fn trouble(&self) -> Option<String> {
        self.control.trouble().clone()
    }

    /// Catches up once more, flushes, and ends.
    pub fn stop(&mut self) {
        self.control.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the projector thread had panicked");
            }
        }
    }
}

impl Control {
    fn trouble(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says a trouble when it begins, when it becomes another, and when it is over; not each time it is met.
    fn tell(&self, now: Option<String>) {
        let mut before = self.trouble();
        match &now {
            Some(why) if *before != now => {
                tracing::warn!("projections lag behind the log and try again: {why}");
            }
            None if before.is_some() => tracing::info!("projections follow the log again"),
            _ => {}
        }
        *before = now;
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Waits for a record behind `head`, for some time at most if there is a limit.
    fn wait_for_more(&self, head: u64, limit: Option<Duration>) {
        self.idle.store(true, Ordering::SeqCst);
        if self.head.load(Ordering::SeqCst) == head && !self.stops() {
            match limit {
                Some(limit) => std::thread::park_timeout(limit),
                None => std::thread::park(),
            }
        }
        self.idle.store(false, Ordering::SeqCst);
    }

    /// Waits, unless it is time to stop.
    fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(rest) = until.checked_duration_since(Instant::now())
            && !self.stops()
        {
            std::thread::park_timeout(rest);
        }
    }
}

/// Nobody waits for what is made from the log. On Linux each thread has a priority of its own; elsewhere it is equal.
fn stand_back() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE) {
        tracing::debug!("the projector keeps its priority: {error}");
    }
}

fn run(mut follower: Follower, control: &Control) {
    stand_back();
    let mut patience = Patience::default();
    loop {
        let stop = control.stops();
        let head = control.head.load(Ordering::Acquire);
        let until = stop.then(|| Instant::now() + LAST_CHANCE);
        let followed = follower.follow(head, &|| match until {
            Some(until) => Instant::now() > until,
            None => control.stops(),
        });
        control.tell(match &followed {
            Err(error) => Some(error.to_string()),
            Ok(_) => follower.audit_trouble(),
        });
        if stop {
            return follower.finish();
        }
        if followed.is_ok() {
            patience = Patience::default();
        }
        match followed {
            Ok(true) => control.pause(PACE),
            Ok(false) => {
                control.pause(PACE);
                control.wait_for_more(head, follower.due());
                control.pause(GATHER);
            }
            Err(_) => control.pause(patience.next()),
        }
    }
}
