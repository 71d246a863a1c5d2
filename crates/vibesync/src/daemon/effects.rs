//! Carries out what the engine asks for, once the records before are durable.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use vibesync_engine::{Action, MeshPair};
use vibesync_protocol::{Code, DaemonMessage, QueryResult, SafeMode};
use vibesync_scene::{Epoch, RecordBody, SessionId};
use vibesync_store::wal::Committed;

use super::clients::Clients;
use super::committer::Release;
use super::event::Event;
use super::group::Effect;
use super::log_check::LogCheck;
use super::mesh_compare::{Compared, compare};
use super::projector::Projector;
use super::restore;
use super::revert;
use super::send_queue::Outgoing;
use super::shared::Shared;

/// Largest number of effects of a group whose messages are written at once. The writers write those of larger groups
/// together, beside the next group.
const AT_ONCE: usize = 4;

/// The receivers of messages, and the work that follows the log.
pub(super) struct Effects {
    pub clients: Arc<Clients>,
    pub projector: Projector,
    pub log_check: LogCheck,
    pub work: Work,
}

impl Release for Effects {
    fn release(&mut self, committed: Committed<Effect>) {
        let Committed {
            tip,
            records,
            released,
        } = committed;
        if !records.is_empty() {
            let head = &self.work.shared.head_seq;
            head.store(tip.seq, Ordering::Release);
        }
        let at_once = released.len() <= AT_ONCE;
        for effect in released {
            match effect {
                Effect::Act(action) => self.perform(action, at_once),
                Effect::Drop(session) => self.clients.remove(session),
                // The collector ends when the daemon stops.
                Effect::BlobsInUse(reply, blobs) => drop(reply.send(blobs)),
            }
        }
        if !records.is_empty() {
            // Comes last, because clients must not wait for the projector.
            self.projector.follow(tip.seq);
        }
        if tracing::enabled!(tracing::Level::DEBUG) {
            records.iter().for_each(trace_record);
        }
    }

    fn stop(&mut self) {
        self.projector.stop();
    }
}

impl Effects {
    /// Carries out an action. `at_once`: messages are few, so each may be written before the next.
    fn perform(&self, action: Action, at_once: bool) {
        match action {
            // Records are no effects: see `OpenGroup::add`.
            Action::Append(_) => {}
            Action::Send {
                session,
                mut message,
            } => {
                self.complete_status(&mut message);
                self.clients
                    .send(session, Outgoing::Message(message), at_once);
            }
            Action::Preview { session, update } => self.clients.preview(session, update),
            Action::Close { session, error } => {
                self.clients.send(session, Outgoing::Close(error), false);
                self.clients.remove(session);
            }
            Action::Accept {
                session,
                safe_mode,
                epochs,
                diverged_after,
            } => self.welcome(session, safe_mode, epochs, diverged_after),
            work => self.begin_work(work),
        }
    }

    /// Begins the work of an action in another thread.
    fn begin_work(&self, action: Action) {
        match action {
            Action::CompareMeshes { batch, pairs } => {
                // Nothing names the blobs of a read-back.
                self.work
                    .shared
                    .blobs
                    .note_use(pairs.iter().flat_map(MeshPair::held));
                self.work.spawn(move |shared| {
                    let Compared { differing, lost } = compare(&shared.blobs, &pairs);
                    Event::Compared {
                        batch,
                        differing,
                        lost,
                    }
                });
            }
            Action::LookForBlobs { blobs } => self.work.spawn(move |shared| {
                let found = blobs.into_iter().filter(|it| shared.blobs.has_intact(*it));
                Event::BlobsFound {
                    blobs: found.collect(),
                }
            }),
            Action::ReadCommit { session, request } => self.work.spawn(move |shared| {
                let restore = restore::read_commit(&shared.audit, request);
                Event::Restorable { session, restore }
            }),
            Action::ReadWork {
                session,
                request,
                selection,
            } => self.work.spawn(move |shared| {
                let files = shared.view.files();
                let revert = revert::read_work(files, &shared.blobs, *request, selection);
                Event::Revertable { session, revert }
            }),
            Action::CheckBlobs {
                session,
                restore,
                blobs,
            } => self.work.spawn(move |shared| {
                let restore = restore::check_blobs(&shared.blobs, restore, blobs);
                Event::Restorable { session, restore }
            }),
            // Handled in `perform`.
            Action::Append(_)
            | Action::Send { .. }
            | Action::Preview { .. }
            | Action::Close { .. }
            | Action::Accept { .. } => {}
        }
    }

    /// Sends the welcome to a client that the engine accepted.
    fn welcome(
        &self,
        session: SessionId,
        current: Option<SafeMode>,
        known: Vec<Epoch>,
        divergence: Option<u64>,
    ) {
        if let Some(seq) = divergence {
            tracing::warn!(session_id = %session, error_code = %Code::LogDiverged, "an editor knows records that the log lacks; both share what is up to sequence {seq}");
        }
        let Some(mut welcome) = self.clients.take_welcome(session) else {
            return;
        };
        if let DaemonMessage::Welcome {
            safe_mode,
            epochs,
            diverged_after,
            ..
        } = &mut *welcome
        {
            (*safe_mode, *epochs, *diverged_after) = (current, known, divergence);
        }
        self.clients
            .send(session, Outgoing::Message(welcome), false);
    }

    /// Fills in the fields of a status that the engine does not know.
    fn complete_status(&self, message: &mut DaemonMessage) {
        if let DaemonMessage::Result {
            result: QueryResult::Status { status },
            ..
        } = message
        {
            status.lagging = self.projector.health();
            status.log_damage = self.log_check.damage();
            self.work.shared.previews.add_to(&mut status.previews);
        }
    }
}

/// Runs slow work in other threads.
#[derive(Clone)]
pub(super) struct Work {
    pub shared: Arc<Shared>,
    /// Returns the results to the core.
    pub to_core: mpsc::Sender<Event>,
    pub runtime: Handle,
}

impl Work {
    /// Runs slow work. Its result comes back as an event.
    pub fn spawn(&self, work: impl FnOnce(&Shared) -> Event + Send + 'static) {
        let (shared, to_core) = (self.shared.clone(), self.to_core.clone());
        // The blobs that it looks for stay until the core knows the result.
        let guard = shared.blobs.guard();
        self.runtime.spawn_blocking(move || {
            // The channel is closed when the daemon stops.
            let _ = to_core.blocking_send(work(&shared));
            drop(guard);
        });
    }
}

/// Shows a record of the transaction log in the program's log.
fn trace_record(record: &RecordBody) {
    tracing::debug!(
        session_id = record.session_id.map(tracing::field::display),
        operation_id = record.operation_id.map(tracing::field::display),
        phase = ?record.phase,
        outcome = ?record.outcome,
        error_code = record.error_code.map(tracing::field::display),
        entities = record.uuids.len(),
        "logged"
    );
}
