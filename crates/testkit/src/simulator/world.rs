//! The world of a run: a disk, the daemon on it, two users at their editors, and the wires between them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use vibesync_engine::{Action, Input, Options};
use vibesync_protocol::DaemonMessage;
use vibesync_scene::{Code, EpochId, Phase, Role, SessionId, Uuid};
use vibesync_store::blobs::BlobStore;
use vibesync_store::wal::WalError;

use super::agents::sim_agents::SimAgents;
use super::conflicts::Conflicts;
use super::counts::Counts;
use super::daemon::{self, Daemon};
use super::end::End;
use super::ledger::Ledger;
use super::plan::Plan;
use super::trace::{self, Trace};
use super::violation::{Check, must};
use super::witnesses::LostLogs;
use crate::fault_disk::{FaultDisk, Tear};
use crate::random::Random;

/// Maximum number of groups that are decided and not durable.
const MAX_IN_FLIGHT: usize = 2;

/// All parts of a run.
pub struct World {
    /// The plan.
    pub plan: Plan,
    /// The disk of the daemon.
    pub disk: FaultDisk,
    /// The daemon while it runs.
    pub daemon: Option<Daemon>,
    /// The blobs of the daemon while it runs.
    pub blobs: Option<BlobStore>,
    /// The invariants.
    pub ledger: Ledger,
    /// The invariants of edits made at the same time.
    pub conflicts: Conflicts,
    /// The editors.
    pub ends: BTreeMap<Role, End>,
    /// The agents that stay connected, and the add-ons that they call.
    pub agents: SimAgents,
    /// Results that were computed outside of the core thread.
    pub outside: VecDeque<Input>,
    /// Milliseconds of the run.
    pub now: u64,
    /// True if a bit has flipped, so that a start may be refused.
    pub unsound: bool,
    /// True if a bit of the very last record has flipped.
    pub end_flipped: bool,
    /// True if the run cannot continue: the log was refused, or a flipped bit has cost its end.
    pub over: bool,
    /// Counts of the things that happened.
    pub counts: Counts,
    /// The trace of the run.
    pub trace: Trace,
    /// All uuids that entities ever had.
    pub uuids: BTreeSet<Uuid>,
    /// Logs and witnesses that were lost or exchanged.
    pub lost: LostLogs,
    /// Draws the number of groups that stay in flight.
    groups: Random,
    /// Number of records that were ever made.
    made: u64,
    next_id: u128,
}

impl World {
    /// Makes the world before the first event: an empty disk, no daemon.
    pub fn new(plan: Plan, trace: Trace) -> Self {
        Self {
            disk: FaultDisk::new(plan.seed, plan.tear),
            daemon: None,
            blobs: None,
            ledger: Ledger::default(),
            conflicts: Conflicts::default(),
            ends: Role::EDITORS
                .map(|role| (role, End::new(role, plan.seed.is_multiple_of(2))))
                .into(),
            agents: SimAgents::new(),
            outside: VecDeque::new(),
            now: 0,
            unsound: plan.tear == Tear::Holes,
            end_flipped: false,
            over: false,
            counts: Counts::default(),
            trace,
            uuids: BTreeSet::new(),
            lost: LostLogs::default(),
            groups: Random::new(plan.seed.rotate_left(32)),
            made: 0,
            next_id: 1_000,
            plan,
        }
    }

    /// Returns a unique uuid.
    pub fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    /// Starts the daemon from the disk, unless it runs.
    pub fn start(&mut self) -> Check {
        if self.daemon.is_some() || self.over {
            return Ok(());
        }
        let witnesses = &self.lost.witnesses;
        let found = match daemon::find(&self.disk, self.plan.segment_bytes, witnesses) {
            Ok(found) => found,
            Err(WalError::Diverged(error)) => return self.refused_as_diverged(&error),
            Err(error) => return self.cannot_start(&error),
        };
        if !self.open_blobs() {
            return Ok(());
        }
        self.counts.one("starts");
        self.accept_log()?;
        let (seq, durable) = (found.seq, self.ledger.durable());
        self.trace.say(|| format!("    starts at {seq}"));
        if seq < durable && self.end_flipped {
            // The start reports this as an interrupted append; nothing else can be known of it.
            self.counts.one("ends of the log lost to a flipped bit");
            self.over = true;
            return Ok(());
        }
        let alone = match &found.alone {
            Ok(alone) => Some(alone),
            Err(error) => {
                self.must_be_told(error)?;
                None
            }
        };
        self.ledger.found(seq, &found.state, alone)?;
        let epoch = EpochId(self.id());
        let options = Options {
            epoch,
            ..self.plan.options.clone()
        };
        let (daemon, boot) = Daemon::start(found, options, self.now);
        self.daemon = Some(daemon);
        self.gather(boot)?;
        self.finish()?;
        if self.daemon.is_some() {
            self.lost.witnesses.record_epoch(epoch);
        }
        self.check_blobs();
        Ok(())
    }

    fn cannot_start(&mut self, error: &WalError) -> Check {
        self.trace
            .say(|| format!("    does not start: {}", trace::error(error)));
        if error.code() == Code::LogDamaged {
            self.must_be_told(error)?;
            self.counts.one("boots refused");
            self.over = true;
        } else {
            self.counts.one("boots that the disk broke off");
        }
        Ok(())
    }

    /// Checks that reported damage is where the medium did damage, with its location.
    fn must_be_told(&self, error: &WalError) -> Check {
        let text = error.to_string();
        let names_a_place = text.contains("segment ");
        let sound = error.code() != Code::LogDamaged || self.unsound && names_a_place;
        must(
            sound,
            "only a damaged log is refused, with the place",
            || text,
        )
    }

    /// Ends the daemon and drops all messages on the wires.
    pub fn die(&mut self) {
        let in_flight = self.daemon.as_ref().map_or(0, Daemon::in_flight);
        if in_flight > 0 {
            self.counts.one("daemons ended with groups in flight");
        }
        self.daemon = None;
        self.blobs = None;
        self.outside.clear();
        self.ends.values_mut().for_each(End::cut);
        self.agents.cut();
    }

    /// Ends the daemon after a failure of the log.
    fn fail(&mut self, error: &WalError) -> Check {
        self.trace
            .say(|| format!("    the daemon ends: {}", trace::error(error)));
        self.counts.one("daemons ended by the disk");
        self.die();
        let known = matches!(error.code(), Code::DiskFull | Code::LogPoisoned);
        must(
            known,
            "a log that cannot be written ends with its code",
            || error.to_string(),
        )
    }

    /// Lets the daemon decide an input; its messages wait for [`World::finish`].
    pub fn decide(&mut self, input: Input) -> Check {
        let Some(daemon) = &mut self.daemon else {
            return Ok(());
        };
        let actions = daemon.decide(input, self.now);
        self.counts.one("inputs");
        self.gather(actions)?;
        self.check_bounds()?;
        self.check_agent_bounds()
    }

    fn gather(&mut self, actions: Vec<Action>) -> Check {
        for action in actions {
            match &action {
                Action::Append(record) => {
                    let seq = self.ledger.head() + 1;
                    self.trace.say(|| trace::record(seq, record));
                    self.counts.one("records");
                    self.counts.one(match record.phase {
                        Phase::Begin => "transactions",
                        Phase::Rollback => "transactions rolled back",
                        Phase::Quarantine => "changes set aside",
                        Phase::Deliver => "deliveries",
                        _ => "other records",
                    });
                    self.check_agent_record(record)?;
                    self.conflicts.record(&self.ledger.state().scene, record)?;
                    self.made += 1;
                    self.ledger.append(self.made, (**record).clone())?;
                }
                Action::Send { session, message } => {
                    self.wants_said(message)?;
                    self.check_secrets(*session, message)?;
                    self.check_dispatch(message)?;
                    self.note_question(*session, message);
                    if let Some(role) = self.role_of(*session) {
                        let scene = &self.ledger.state().scene;
                        self.conflicts.message(scene, role, message, self.now);
                    }
                }
                _ => {}
            }
            let Some(daemon) = &mut self.daemon else {
                return Ok(());
            };
            daemon.gather(action, self.now);
        }
        self.check_step()
    }

    /// Makes all decisions durable, and only then runs the other actions.
    pub fn finish(&mut self) -> Check {
        self.finish_until(0)
    }

    /// Ends the group of decisions. Makes the oldest groups durable until at most so many are in flight, and runs the other
    /// actions of these.
    fn finish_until(&mut self, in_flight: usize) -> Check {
        if let Some(daemon) = &mut self.daemon {
            daemon.end_group();
        }
        while let Some(daemon) = &mut self.daemon {
            if daemon.in_flight() <= in_flight {
                break;
            }
            match daemon.commit_oldest() {
                Err(error) => return self.fail(&error),
                Ok(released) => {
                    let tip = daemon.tip();
                    self.ledger.synced(tip);
                    let mut released = released.into_iter().flatten();
                    released.try_for_each(|action| self.perform(action))?;
                }
            }
        }
        Ok(())
    }

    /// Returns the editor that a session belongs to.
    fn role_of(&self, session: SessionId) -> Option<Role> {
        let mut ends = self.ends.iter();
        let found = ends.find(|(_, end)| end.session == Some(session));
        found.map(|(role, _)| *role)
    }

    /// Returns the end of the connection that a session uses.
    fn end_of(&mut self, session: SessionId) -> Option<&mut End> {
        let mut ends = self.ends.values_mut();
        ends.find(|end| end.session == Some(session))
    }

    fn perform(&mut self, action: Action) -> Check {
        match action {
            Action::Append(_) => {}
            Action::Send { session, message } => {
                if self.loses_blobs(session, &message) {
                    return Ok(());
                }
                self.ledger.is_said(&message)?;
                self.check_resent(&message)?;
                self.trace
                    .say(|| format!("    says {}", trace::said(&message)));
                self.agent_hears(session, &message)?;
                if let Some(end) = self.end_of(session) {
                    end.to_editor.push_back(*message);
                }
            }
            Action::Accept {
                session,
                epochs,
                diverged_after,
                ..
            } => {
                let mut ends = self.ends.iter();
                let role = ends.find(|(_, end)| end.session == Some(session));
                let role = role.map(|(role, _)| *role);
                if let Some(role) = role {
                    self.welcome(role, epochs, diverged_after)?;
                }
                if let Some(end) = self.end_of(session) {
                    end.to_daemon.push_back(end.person.editor.inventory());
                }
                let list = role.and_then(|role| Some(self.agents.tools.get(&role)?.list()));
                if let Some(end) = self.end_of(session) {
                    end.to_daemon.extend(list);
                }
            }
            Action::Close { session, error } => {
                self.trace.say(|| format!("    closes: {}", error.message));
                self.counts.one("connections refused");
                if let Some(end) = self.end_of(session) {
                    end.cut();
                }
                if let Some(agent) = self.agents.of_session(session) {
                    agent.cut();
                }
            }
            work => self.work_outside(work),
        }
        Ok(())
    }

    /// Connects the editor, if it is not connected and a daemon runs.
    pub fn connect(&mut self, role: Role) -> Check {
        let session = SessionId(self.id());
        let Some(end) = self.ends.get_mut(&role) else {
            return Ok(());
        };
        if end.session.is_some() || self.daemon.is_none() {
            return Ok(());
        }
        end.session = Some(session);
        self.conflicts.disconnected(role);
        let hello = Box::new(end.person.editor.hello(String::new(), String::new()));
        self.decide(Input::Connected { session, hello })?;
        self.finish()
    }

    /// Breaks the connection.
    pub fn disconnect(&mut self, role: Role) -> Check {
        let end = self.ends.get_mut(&role);
        let Some((session, end)) = end.and_then(|end| Some((end.session?, end))) else {
            return Ok(());
        };
        end.cut();
        let reason = "the wire".to_owned();
        self.decide(Input::Disconnected { session, reason })?;
        self.finish()
    }

    /// Delivers messages of the daemon to the editor, which answers.
    pub fn editor_hears(&mut self, role: Role, count: u8) {
        for _ in 0..count {
            let Some(end) = self.ends.get_mut(&role).filter(|end| !end.silent) else {
                return;
            };
            let Some(message) = end.to_editor.pop_front() else {
                return;
            };
            let is_batch = matches!(message, DaemonMessage::Apply { .. });
            let of_tools = self.tools_hear(role, &message);
            let Some(end) = self.ends.get_mut(&role) else {
                return;
            };
            end.to_daemon.extend(of_tools);
            let mut answers = end.person.editor.hear(message);
            if let Some(who) = end.deletes.filter(|_| is_batch) {
                self.delete_meanwhile(role, who, &mut answers);
            }
            let Some(end) = self.ends.get_mut(&role) else {
                return;
            };
            for answer in &answers {
                self.trace
                    .say(|| format!("    {} answers {}", role.as_str(), trace::heard(answer)));
            }
            end.to_daemon.extend(answers);
        }
    }

    /// Delivers messages of the editor to the daemon, which decides all of them and then syncs once.
    pub fn daemon_hears(&mut self, role: Role, count: u8) -> Check {
        for _ in 0..count {
            let Some(end) = self.ends.get_mut(&role).filter(|end| !end.silent) else {
                break;
            };
            let Some(session) = end.session else { break };
            let Some(message) = end.to_daemon.pop_front() else {
                break;
            };
            end.said = Some(message.clone());
            self.trace
                .say(|| format!("    hears {}", trace::heard(&message)));
            let input = self.receive(session, message);
            self.decide(input)?;
        }
        let in_flight = self.groups.one_of([0, 0, 1, MAX_IN_FLIGHT]);
        self.finish_until(in_flight)
    }

    /// Returns results that were computed outside of the core thread.
    pub fn return_outside(&mut self) -> Check {
        match self.outside.pop_front() {
            Some(input) => {
                self.decide(input)?;
                self.finish()
            }
            None => Ok(()),
        }
    }

    /// Lets time pass.
    pub fn pass(&mut self, ms: u64) -> Check {
        self.now += ms;
        self.decide(Input::Tick)?;
        self.finish()
    }
}
