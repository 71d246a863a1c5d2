//! Groups on their way to the disk. While one thread encodes and writes a group, the core decides the next one.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::sync::mpsc;
use vibesync_scene::Code;

use super::committer::{Committer, Release};
use super::group::{Group, OpenGroup};
use crate::Error;

/// Maximum number of groups in flight: one that is written, and one behind it.
const MAX_IN_FLIGHT: usize = 2;

/// Largest group, in records, that the core commits itself while nothing is in flight. To pass a group on takes about as
/// long as to encode so many records, and a single change must not wait for that.
const OWN_RECORDS: usize = 32;

/// Number of records that are passed on at once if the thread has nothing to do. Smaller groups cost more fsyncs.
const ENOUGH_RECORDS: usize = 256;

/// The committer, in a thread of its own if there is much to write. Commits groups in order.
pub(super) struct Pipeline<R> {
    committer: Arc<Mutex<Committer<R>>>,
    /// None after the stop.
    to_thread: Option<SyncSender<Group>>,
    /// Gets the result of each group that was passed on.
    done: mpsc::Receiver<Result<(), Error>>,
    in_flight: usize,
    thread: Option<JoinHandle<()>>,
}

impl<R: Release> Pipeline<R> {
    /// Starts the thread.
    pub fn start(committer: Committer<R>) -> io::Result<Self> {
        let committer = Arc::new(Mutex::new(committer));
        let (to_thread, groups) = sync_channel(MAX_IN_FLIGHT);
        let (report, done) = mpsc::channel(MAX_IN_FLIGHT);
        let for_thread = Arc::clone(&committer);
        let thread = std::thread::Builder::new()
            .name("log".into())
            .spawn(move || run(&for_thread, &groups, &report))?;
        Ok(Self {
            committer,
            to_thread: Some(to_thread),
            done,
            in_flight: 0,
            thread: Some(thread),
        })
    }

    /// Whether a group should be committed now. While another one is written, a group that is not full takes more events
    /// instead: they share its fsync.
    pub fn accepts(&self, is_full: bool) -> bool {
        self.in_flight == 0 || is_full && self.in_flight < MAX_IN_FLIGHT
    }

    /// Whether a group must take no more events: it is full, or large enough to be passed on, and the thread has nothing to
    /// do.
    pub fn completes(&mut self, group: &OpenGroup) -> Result<bool, Error> {
        while let Ok(done) = self.done.try_recv() {
            self.in_flight = self.in_flight.saturating_sub(1);
            done?;
        }
        Ok(group.is_full() || self.in_flight == 0 && group.records() >= ENOUGH_RECORDS)
    }

    /// Whether a group is in flight.
    pub fn is_busy(&self) -> bool {
        self.in_flight > 0
    }

    /// Commits a small group at once if nothing is in flight, and passes any other on.
    pub fn commit(&mut self, group: Group) -> Result<(), Error> {
        if self.in_flight == 0 && group.records() <= OWN_RECORDS {
            return commit(&self.committer, group);
        }
        let to_thread = self.to_thread.as_ref().ok_or_else(ended)?;
        to_thread.send(group).map_err(|_| ended())?;
        self.in_flight += 1;
        Ok(())
    }

    /// Waits for the end of the oldest group in flight. Must not be called while none is. Nothing is lost if the caller
    /// stops waiting.
    pub async fn next_done(&mut self) -> Result<(), Error> {
        let done = self.done.recv().await;
        self.in_flight = self.in_flight.saturating_sub(1);
        done.unwrap_or_else(|| Err(ended()))
    }

    /// Waits until no group is in flight.
    pub async fn settle(&mut self) -> Result<(), Error> {
        while self.is_busy() {
            self.next_done().await?;
        }
        Ok(())
    }

    /// Ends the thread, and the work that follows durable records.
    pub fn stop(&mut self) {
        self.to_thread = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the log had panicked");
        }
        if let Ok(mut committer) = self.committer.lock() {
            committer.stop();
        }
    }
}

/// Commits groups until the pipeline stops or one fails. The groups behind a failed one are dropped.
fn run<R: Release>(
    committer: &Mutex<Committer<R>>,
    groups: &Receiver<Group>,
    report: &mpsc::Sender<Result<(), Error>>,
) {
    for group in groups {
        let done = commit(committer, group);
        let has_failed = done.is_err();
        // There is room for each group in flight. The receiver is gone if the core has ended.
        let _ = report.try_send(done);
        if has_failed {
            return;
        }
    }
}

fn commit<R: Release>(committer: &Mutex<Committer<R>>, group: Group) -> Result<(), Error> {
    // After a panic in the middle of a write, the state of the log is unknown.
    committer.lock().map_err(|_| ended())?.commit(group)
}

fn ended() -> Error {
    let message = "the thread that writes the log has ended";
    Error::new(Code::LogPoisoned, "wal", message)
}

#[cfg(test)]
mod tests {
    use vibesync_scene::{Outcome, Payload, Phase, RecordBody, SessionId, Uuid};
    use vibesync_store::disk::Disk;
    use vibesync_store::wal::{Committed, Options, Wal, verify};
    use vibesync_testkit::{Fault, FaultDisk, GatedDisk, Tear};

    use super::super::group::Effect;
    use super::*;

    const DIR: &str = "/p/wal";
    /// More records than the core commits itself.
    const MANY: usize = OWN_RECORDS + 1;

    /// Tells the test of each effect.
    struct Recorder(SyncSender<u128>);

    impl Release for Recorder {
        fn release(&mut self, committed: Committed<Effect>) {
            for effect in committed.released {
                if let Effect::Drop(session) = effect {
                    let _ = self.0.try_send(session.0.as_u128());
                }
            }
        }

        fn stop(&mut self) {}
    }

    fn start(disk: impl Disk + 'static) -> (Pipeline<Recorder>, Receiver<u128>) {
        let (wal, _) = Wal::open(Options::new(DIR), Arc::new(disk), 1, &mut |_| {}).unwrap();
        let (effects, happened) = sync_channel(8);
        let committer = Committer::new(wal, Recorder(effects));
        (Pipeline::start(committer).unwrap(), happened)
    }

    /// A group of records from `first_seq` on, with an effect that names that sequence.
    fn group(first_seq: u64, records: usize) -> Group {
        let mut group = Group::begin(first_seq, "2026-01-02T03:04:05.678901Z".into());
        for _ in 0..records {
            group.append(RecordBody {
                session_id: None,
                operation_id: None,
                uuids: Vec::new(),
                phase: Phase::Boot,
                outcome: Outcome::Ok,
                error_code: None,
                payload: Payload::Steady {},
            });
        }
        let session = SessionId(Uuid::from_u128(first_seq.into()));
        group.defer(Effect::Drop(session));
        group
    }

    fn seq(groups: usize) -> u64 {
        (groups * MANY) as u64 + 1
    }

    #[tokio::test]
    async fn effects_wait_for_the_sync_of_their_group() {
        let disk = GatedDisk::new(FaultDisk::new(1, Tear::Prefix));
        let (mut pipeline, happened) = start(disk.clone());
        pipeline.commit(group(1, MANY)).unwrap();
        // A group without records may rely on those of a group before it.
        pipeline.commit(group(seq(1), 0)).unwrap();
        assert!(disk.wait_for_sync());
        assert_eq!(happened.try_iter().count(), 0);
        disk.let_sync(1);
        pipeline.settle().await.unwrap();
        let all: Vec<u128> = happened.try_iter().collect();
        assert_eq!(all, [1, seq(1).into()]);
        pipeline.stop();
    }

    #[test]
    fn effects_of_a_small_group_wait_for_its_sync() {
        let disk = GatedDisk::new(FaultDisk::new(1, Tear::Prefix));
        let (mut pipeline, happened) = start(disk.clone());
        let core = std::thread::spawn(move || {
            pipeline.commit(group(1, 1)).unwrap();
            pipeline.stop();
        });
        assert!(disk.wait_for_sync());
        assert_eq!(happened.try_iter().count(), 0);
        disk.let_sync(1);
        core.join().unwrap();
        assert_eq!(happened.try_iter().collect::<Vec<_>>(), [1]);
    }

    #[tokio::test]
    async fn two_groups_at_most_are_in_flight() {
        let disk = GatedDisk::new(FaultDisk::new(1, Tear::Prefix));
        let (mut pipeline, happened) = start(disk.clone());
        assert!(pipeline.accepts(false));
        pipeline.commit(group(1, MANY)).unwrap();
        assert!(!pipeline.accepts(false), "it shares the next fsync");
        assert!(pipeline.accepts(true));
        pipeline.commit(group(seq(1), MANY)).unwrap();
        assert!(!pipeline.accepts(true));
        disk.let_sync(1);
        pipeline.next_done().await.unwrap();
        assert!(pipeline.accepts(true));
        assert!(disk.wait_for_sync());
        assert_eq!(happened.try_iter().collect::<Vec<_>>(), [1]);
        disk.let_sync(1);
        pipeline.settle().await.unwrap();
        assert_eq!(
            happened.try_iter().collect::<Vec<_>>(),
            [u128::from(seq(1))]
        );
        pipeline.stop();
    }

    #[test]
    fn small_group_is_durable_at_once_when_nothing_is_in_flight() {
        let disk = FaultDisk::new(1, Tear::Prefix);
        let (mut pipeline, happened) = start(disk.clone());
        pipeline.commit(group(1, OWN_RECORDS)).unwrap();
        assert_eq!(happened.try_iter().count(), 1);
        assert!(!pipeline.is_busy());
        assert_eq!(
            verify(&disk, DIR.as_ref()).unwrap().records,
            OWN_RECORDS as u64
        );
        pipeline.stop();
    }

    #[tokio::test]
    async fn nothing_is_written_or_happens_after_a_failure() {
        // Folder, segment, bytes, sync, folder: each of these operations fails once.
        let mut failures = 0;
        for at in 0..6 {
            let disk = FaultDisk::new(1, Tear::Prefix);
            let (mut pipeline, happened) = start(disk.clone());
            disk.fail(disk.operations() + at, Fault::Io);
            pipeline.commit(group(1, MANY)).unwrap();
            let second = pipeline.commit(group(seq(1), MANY));
            if pipeline.next_done().await.is_ok() {
                continue;
            }
            failures += 1;
            assert!(second.is_err() || pipeline.next_done().await.is_err());
            assert!(pipeline.commit(group(seq(1), 1)).is_err());
            pipeline.stop();
            assert_eq!(happened.try_iter().count(), 0);
            disk.revive();
            let records = verify(&disk, DIR.as_ref()).unwrap().records;
            assert!(records <= MANY as u64, "{records} are in the log");
        }
        assert!(failures >= 3, "{failures}");
    }

    #[tokio::test]
    async fn group_that_overtakes_another_is_refused() {
        let disk = FaultDisk::new(1, Tear::Prefix);
        let (mut pipeline, happened) = start(disk.clone());
        pipeline.commit(group(seq(1), MANY)).unwrap();
        assert!(pipeline.settle().await.is_err());
        assert!(pipeline.commit(group(1, 1)).is_err(), "the order is lost");
        pipeline.stop();
        assert_eq!(happened.try_iter().count(), 0);
        assert_eq!(verify(&disk, DIR.as_ref()).unwrap().records, 0);
    }
}
