//! Who is connected, and what comes and goes with a connection.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vibesync_protocol::{Code, EditorState, ErrorBody, Held, Hello};
use vibesync_scene::{InstanceId, Outcome, Payload, Phase, RecordBody, Role, SessionId, Uuid};

use crate::action::Action;
use crate::delivery::delivery_queue::DeliveryQueue;
use crate::delivery::inventory;
use crate::delivery::replica::Replica;
use crate::engine::Engine;

/// Most entities in an inventory, all its parts together.
pub(crate) const MAX_INVENTORY: usize = 1_000_000;

/// A connected client.
#[derive(Debug)]
pub(crate) struct Session {
    pub role: Role,
    pub instance: InstanceId,
    pub editor_version: String,
    pub state: EditorState,
    /// When it was last told that a change of this entity was overruled.
    told: BTreeMap<Uuid, u64>,
}

/// Shortest time between two notices of overruled changes of one entity, milliseconds.
const TELL_AGAIN_MS: u64 = 10_000;
/// Most entities of which it is remembered that such a notice was sent.
const MAX_TOLD: usize = 1_000;

/// All connections.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    replicas: BTreeMap<Role, Replica>,
    /// The newest process of each editor, and where the log ended when it took the place of another.
    started: BTreeMap<Role, (InstanceId, u64)>,
    /// Editors that left in the middle of a batch, without a goodbye: which process, and what it was working on.
    lost: BTreeMap<Role, (InstanceId, Vec<Uuid>)>,
}

impl Sessions {
    pub fn get(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id)
    }

    pub fn set_state(&mut self, id: SessionId, state: EditorState) {
        if let Some(session) = self.by_id.get_mut(&id) {
            session.state = state;
        }
    }

    /// Sessions of a role that are to be told now that a change of an entity was overruled: not again and again.
    pub fn untold(&mut self, role: Role, uuid: Uuid, now: u64) -> Vec<SessionId> {
        let mut sessions = Vec::new();
        for (id, session) in &mut self.by_id {
            let told = &mut session.told;
            let lately = told.get(&uuid).is_some_and(|at| now < at + TELL_AGAIN_MS);
            if session.role == role && !lately {
                if told.len() >= MAX_TOLD {
                    told.clear();
                }
                told.insert(uuid, now);
                sessions.push(*id);
            }
        }
        sessions
    }

    /// Where the log ended when this editor began anew from a file; 0 where it has been the same process all along. What
    /// was connected before the daemon's own start is not known.
    pub fn began(&mut self, role: Role, instance: InstanceId, head: u64) -> u64 {
        let (known, since) = self.started.entry(role).or_insert((instance, 0));
        if *known != instance {
            (*known, *since) = (instance, head);
        }
        *since
    }

    pub fn replica(&self, role: Role) -> Option<&Replica> {
        self.replicas.get(&role)
    }

    pub fn replica_mut(&mut self, role: Role) -> Option<&mut Replica> {
        self.replicas.get_mut(&role)
    }

    /// The editor that speaks through this session, and its copy of the scene.
    pub fn replica_of(&mut self, id: SessionId) -> Option<(Role, &mut Replica)> {
        self.replicas
            .iter_mut()
            .find(|(_, replica)| replica.session == id)
            .map(|(role, replica)| (*role, replica))
    }

    pub fn iter(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.by_id.iter().map(|(id, session)| (*id, session))
    }

    /// When something is due for an editor.
    pub fn deadlines(&self) -> impl Iterator<Item = u64> + '_ {
        self.replicas
            .values()
            .filter_map(|replica| match &replica.in_flight {
                Some(batch) => batch.deadline,
                None if !replica.queue.is_empty() && replica.inventory.is_none() => {
                    Some(replica.window_end)
                }
                None => None,
            })
    }
}

impl Engine {
    pub(crate) fn set_state(&mut self, session: SessionId, state: EditorState) {
        self.sessions.set_state(session, state);
        self.presences.says(session, state, self.now);
    }

    pub(crate) fn connect(&mut self, id: SessionId, hello: Hello) {
        if hello.last_seq > self.head_seq() {
            let message = format!(
                "the editor has seen sequence {}, the log ends at {}",
                hello.last_seq,
                self.head_seq()
            );
            return self.refuse(id, Code::SequenceAhead, "hello.last_seq", message);
        }
        if let Some(replica) = self.sessions.replica(hello.role) {
            let older = replica.session;
            if self
                .sessions
                .get(older)
                .is_some_and(|session| session.instance != hello.instance_id)
            {
                let message = format!(
                    "another {} is connected to this project",
                    hello.role.as_str()
                );
                return self.refuse(id, Code::RoleTaken, "hello.role", message);
            }
            self.refuse(
                older,
                Code::RoleTaken,
                "",
                "replaced by a newer connection of the same editor".into(),
            );
            self.disconnect(
                older,
                "replaced by a newer connection of the same editor",
                false,
            );
        }
        let detail = format!(
            "{} {}, last saw {}",
            hello.role.as_str(),
            hello.editor_version,
            hello.last_seq
        );
        let head = self.head_seq();
        self.log_session(id, hello.role, true, detail);
        if hello.role.is_editor() {
            self.judge_lost(id, hello.role, hello.instance_id);
            let replica = Replica {
                session: id,
                began: self.sessions.began(hello.role, hello.instance_id, head),
                components: hello.components.iter().map(String::as_str).collect(),
                synced_at: 0,
                inventory: Some(Vec::new()),
                held: HashMap::new(),
                silent: BTreeMap::new(),
                queue: DeliveryQueue::default(),
                suppressed: BTreeSet::new(),
                in_flight: None,
                late: None,
                window_end: 0,
            };
            self.sessions.replicas.insert(hello.role, replica);
            self.presences
                .joined(hello.role, id, hello.editor_state, self.now);
        }
        let state = hello.editor_state;
        let session = Session {
            role: hello.role,
            instance: hello.instance_id,
            editor_version: hello.editor_version,
            state,
            told: BTreeMap::new(),
        };
        self.sessions.by_id.insert(id, session);
        self.set_active_edits(id, state, None);
        self.actions.push(Action::Accept {
            session: id,
            safe_mode: self.failures.safe_mode().cloned(),
        });
    }

    pub(crate) fn disconnect(&mut self, id: SessionId, reason: &str, goodbye: bool) {
        let Some(session) = self.sessions.by_id.remove(&id) else {
            return;
        };
        self.waiting.forget(id);
        self.edits.remove_session(id);
        let detail = match self.presences.left(id, goodbye, self.now) {
            Some(presence) => format!("{}: {reason}", presence.as_str()),
            None => reason.to_owned(),
        };
        self.log_session(id, session.role, false, detail);
        if self
            .sessions
            .replica(session.role)
            .is_some_and(|replica| replica.session == id)
        {
            if let Some(replica) = self.sessions.replicas.remove(&session.role) {
                let flight = replica
                    .in_flight
                    .as_ref()
                    .filter(|flight| !flight.deferred && !goodbye);
                if let Some(flight) = flight {
                    let working_on = flight.sent.keys().copied().collect();
                    let lost = (session.instance, working_on);
                    self.sessions.lost.insert(session.role, lost);
                }
                self.batches.retain(|batch, _| {
                    replica
                        .in_flight
                        .as_ref()
                        .is_none_or(|flying| flying.id != *batch)
                });
            }
            self.owe_to_absent(session.role);
        }
    }

    /// An editor that comes back as another process has crashed over what it was working on; one that is the same has
    /// lost its connection, no more.
    fn judge_lost(&mut self, session: SessionId, role: Role, instance: InstanceId) {
        if let Some((before, working_on)) = self.sessions.lost.remove(&role)
            && before != instance
        {
            self.count_crash(session, role, &working_on);
        }
    }

    pub(crate) fn inventory(&mut self, session: SessionId, entities: Vec<Held>, last: bool) {
        let Some((role, replica)) = self.sessions.replica_of(session) else {
            return;
        };
        let Some(gathered) = &mut replica.inventory else {
            return self.error(
                session,
                Code::MessageUnknown,
                "the inventory was complete already",
                "type",
                None,
            );
        };
        if gathered.len() + entities.len() > MAX_INVENTORY {
            let message = format!("an inventory of more than {MAX_INVENTORY} entities");
            self.refuse(
                session,
                Code::MessageMalformed,
                "inventory",
                message.clone(),
            );
            return self.disconnect(session, &message, false);
        }
        gathered.extend(entities);
        if last {
            let whole = std::mem::take(gathered);
            replica.inventory = None;
            replica.synced_at = self.next_seq - 1;
            let unproved = self.failures.failing_at(role);
            let answer =
                inventory::compare(&self.scene, replica, whole, replica.synced_at, unproved);
            self.send(session, answer);
        }
    }

    fn refuse(&mut self, session: SessionId, code: Code, location: &str, message: String) {
        let error = ErrorBody {
            code,
            message,
            location: location.into(),
            help: code.help().to_owned(),
        };
        self.actions.push(Action::Close { session, error });
    }

    /// The command line comes and goes without changing anything, so the log does not mention it.
    fn log_session(&mut self, id: SessionId, role: Role, connected: bool, detail: String) {
        if role == Role::Cli {
            return;
        }
        self.append(RecordBody {
            session_id: Some(id),
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::Session,
            outcome: Outcome::Ok,
            error_code: None,
            payload: Payload::Session {
                role,
                connected,
                detail,
            },
        });
    }
}
