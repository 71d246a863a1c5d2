//! Counting what fails, opening breakers, and closing them again when a person says so.
//!
//! The finest breaker opens first: an entity, or one content, after the same failure twice; a kind of change,
//! all of automation and the safe mode after more and more of its failures in a row. `docs/architecture.md`, section
//! Governance, has the rules.

use std::collections::BTreeSet;

use vibesync_protocol::{Code, DaemonMessage, ErrorBody, QueryResult, ResetRequest, Severity};
use vibesync_scene::{
    Change, FailureCount, OpenTransaction, Outcome, Payload, Phase, RecordBody, Role, Scope,
    SessionId, Uuid, clipped,
};

use crate::engine::Engine;

/// When breakers open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// The same failure of an entity, or of one content, so often in a row: once it may have been the moment, twice it
    /// is the thing.
    pub identical: u32,
    /// Any failures of an entity so often in a row.
    pub entity: u32,
    /// Failures of automation with one kind of change, in a row.
    pub operation: u32,
    /// Failures of automation, in a row.
    pub automation: u32,
    /// Failures of automation in a row until the safe mode.
    pub safe_mode: u32,
    /// Ends of an editor, or starts of the daemon, in a row.
    pub crashes: u32,
    /// How often a breaker opens until what it stops is known to be bad.
    pub permanent: u32,
    /// How long the daemon must run until its start counts as a success, milliseconds.
    pub steady_after_ms: u64,
}

impl Default for Thresholds {
    /// What the built-in settings say.
    fn default() -> Self {
        Self {
            identical: 2,
            entity: 5,
            operation: 5,
            automation: 10,
            safe_mode: 20,
            crashes: 3,
            permanent: 3,
            steady_after_ms: 10_000,
        }
    }
}

/// Most entities that one failure is counted for.
const MAX_COUNTED: usize = 1_000;

/// Something that failed.
pub(crate) struct Failure<'a> {
    pub session: Option<SessionId>,
    pub scopes: BTreeSet<Scope>,
    /// The editor in which it failed.
    pub at: Option<Role>,
    pub code: Code,
    pub detail: &'a str,
}

impl Failure<'_> {
    /// Tells failures of one kind from others: who, how, and what was said of it.
    fn signature(&self) -> String {
        let at = self.at.map_or("", Role::as_str);
        let said = format!("{at}\n{}\n{}", self.code, self.detail);
        blake3::hash(said.as_bytes())
            .to_hex()
            .chars()
            .take(16)
            .collect()
    }
}

impl Engine {
    /// What an editor could not do with an entity, and the transactions that are undone for it.
    pub(crate) fn count_failure(
        &mut self,
        session: SessionId,
        at: Role,
        uuid: Uuid,
        error: &ErrorBody,
        undone: &[(OpenTransaction, String)],
    ) {
        let mut scopes = BTreeSet::new();
        // An editor that does not answer in time has not tried: nothing is known of the entity.
        if error.code != Code::VerificationTimeout {
            scopes.insert(Scope::Entity(uuid));
        }
        for (open, digest) in undone.iter().filter(|(open, _)| open.origin == Role::Agent) {
            let changes = open.steps.iter().map(|(change, _)| change);
            scopes.extend(of_automation(changes, digest));
        }
        self.count(&Failure {
            session: Some(session),
            scopes,
            at: Some(at),
            code: error.code,
            detail: &error.message,
        });
    }

    /// What automation asked for and was refused: asking for it again does not make it right.
    pub(crate) fn count_refusal<'a>(
        &mut self,
        session: SessionId,
        changes: impl Iterator<Item = &'a Change>,
        digest: &str,
        error: &ErrorBody,
    ) {
        self.count(&Failure {
            session: Some(session),
            scopes: of_automation(changes, digest),
            at: None,
            code: error.code,
            detail: &format!("{}: {}", error.location, error.message),
        });
    }

    /// What the daemon was writing down when it died.
    pub(crate) fn count_interrupted(&mut self, open: &OpenTransaction) {
        let entities = open.uuids().take(MAX_COUNTED).map(Scope::Entity);
        self.count(&Failure {
            session: None,
            scopes: entities.collect(),
            at: None,
            code: Code::Interrupted,
            detail: "the daemon stopped while it wrote this down",
        });
    }

    /// What an editor was working on when its process ended.
    pub(crate) fn count_crash(&mut self, session: SessionId, at: Role, working_on: &[Uuid]) {
        let entities = working_on.iter().take(MAX_COUNTED).copied();
        self.count(&Failure {
            session: Some(session),
            scopes: entities.map(Scope::Entity).collect(),
            at: Some(at),
            code: Code::EditorCrashed,
            detail: "the editor ended while it applied this",
        });
    }

    fn count(&mut self, failed: &Failure<'_>) {
        if failed.scopes.is_empty() {
            return;
        }
        let signature = failed.signature();
        let scopes = failed.scopes.iter();
        let counted: Vec<FailureCount> = scopes
            .map(|scope| self.counted(scope, failed, &signature))
            .collect();
        let uuids = counted.iter().filter_map(|counted| match counted.scope {
            Scope::Entity(uuid) => Some(uuid),
            _ => None,
        });
        let opened: Vec<Scope> = counted
            .iter()
            .filter(|counted| counted.opens)
            .map(|counted| counted.scope.clone())
            .collect();
        self.append(RecordBody {
            session_id: failed.session,
            operation_id: None,
            uuids: uuids.collect(),
            phase: Phase::Failure,
            outcome: Outcome::Failed,
            error_code: Some(failed.code),
            payload: Payload::Failure {
                at: failed.at,
                signature,
                counted,
                detail: clipped(failed.detail.to_owned()),
            },
        });
        for scope in opened {
            self.tell_opened(&scope, failed);
        }
    }

    /// How a failure counts for one scope, after what was counted before.
    fn counted(&self, scope: &Scope, failed: &Failure<'_>, signature: &str) -> FailureCount {
        let limits = &self.options.thresholds;
        let before = self.failures.get(scope);
        let failures = before
            .map_or(0, |trouble| trouble.failures)
            .saturating_add(1);
        let again = before.is_some_and(|trouble| trouble.signature == signature);
        let enough = match scope {
            Scope::Entity(_) if failed.code == Code::EditorCrashed => failures >= limits.crashes,
            Scope::Entity(_) | Scope::Content(_) => {
                (again && failures >= limits.identical) || failures >= limits.entity
            }
            Scope::Operation(_) => failures >= limits.operation,
            Scope::Automation => failures >= limits.automation,
            Scope::SafeMode => failures >= limits.safe_mode,
        };
        let opens = enough && !before.is_some_and(|trouble| trouble.open);
        let opened = before.map_or(0, |trouble| trouble.opened) + u32::from(opens);
        FailureCount {
            scope: scope.clone(),
            failures,
            opens,
            permanent: opens && opened >= limits.permanent,
        }
    }

    fn tell_opened(&mut self, scope: &Scope, failed: &Failure<'_>) {
        if *scope == Scope::SafeMode {
            let failures = self
                .failures
                .get(scope)
                .map_or(0, |trouble| trouble.failures);
            return self.begin_safe_mode(format!("automation failed {failures} times in a row"));
        }
        let known_bad = self
            .failures
            .get(scope)
            .is_some_and(|trouble| trouble.permanent);
        let code = if known_bad {
            Code::KnownBad
        } else {
            Code::BreakerOpen
        };
        let (what, uuids) = match scope {
            Scope::Entity(uuid) => (self.called(*uuid), vec![*uuid]),
            scope => (scope.to_string(), Vec::new()),
        };
        let error = ErrorBody {
            code,
            message: format!("{what}: not tried again: {}", failed.detail),
            location: scope.to_string(),
            help: code.help().to_owned(),
        };
        for session in self.editor_sessions() {
            self.notice(session, Severity::Error, &error, uuids.clone());
        }
    }

    /// Turns automation off, and tells everybody.
    pub(crate) fn begin_safe_mode(&mut self, why: String) {
        if self.failures.safe_mode().is_some() {
            return;
        }
        self.append(RecordBody {
            session_id: None,
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::SafeMode,
            outcome: Outcome::Held,
            error_code: Some(Code::SafeMode),
            payload: Payload::SafeMode { why },
        });
        self.tell_safe_mode();
    }

    /// Starts that ended before they had got anywhere, this one not included.
    pub(crate) fn judge_boots(&mut self) {
        let failed = self.failures.failed_boots();
        if failed >= self.options.thresholds.crashes {
            self.begin_safe_mode(format!("the daemon has crashed {failed} times in a row"));
        }
    }

    /// This run has lasted: its start was a success.
    pub(crate) fn judge_steady(&mut self, now: u64) {
        if self.steady_at().is_some_and(|at| now >= at) {
            self.append_own(Phase::Boot, Outcome::Ok, Payload::Steady {});
        }
    }

    /// When the start counts as a success, if it does not yet.
    pub(crate) fn steady_at(&self) -> Option<u64> {
        let after = self.options.thresholds.steady_after_ms;
        (!self.failures.is_steady()).then_some(after)
    }

    /// A person lets something be tried again. Automation may not do that for itself.
    pub(crate) fn reset(&mut self, session: SessionId, request: ResetRequest) {
        let Some(by) = self.sessions.get(session).map(|session| session.role) else {
            return;
        };
        if !by.is_person() {
            let message = "only a person resets what has failed";
            return self.error(session, Code::MessageUnknown, message, "type", None);
        }
        let ResetRequest {
            request_id,
            scope,
            who,
            why,
        } = request;
        let is_known = match scope {
            Scope::SafeMode => self.failures.safe_mode().is_some(),
            _ => self.failures.get(&scope).is_some(),
        };
        let seq = is_known.then(|| {
            let uuids = match scope {
                Scope::Entity(uuid) => vec![uuid],
                _ => Vec::new(),
            };
            let (who, why) = (clipped(who), clipped(why));
            self.append(RecordBody {
                session_id: Some(session),
                operation_id: None,
                uuids,
                phase: Phase::Reset,
                outcome: Outcome::Ok,
                error_code: None,
                payload: Payload::Reset {
                    scope: scope.clone(),
                    by,
                    who,
                    why,
                },
            })
        });
        if seq.is_some() && scope == Scope::SafeMode {
            self.tell_safe_mode();
        }
        let result = QueryResult::Reset { seq };
        self.send(session, DaemonMessage::Result { request_id, result });
    }

    fn tell_safe_mode(&mut self) {
        let safe_mode = self.failures.safe_mode().cloned();
        for session in self.editor_sessions() {
            let safe_mode = safe_mode.clone();
            self.send(session, DaemonMessage::Governance { safe_mode });
        }
    }

    fn editor_sessions(&self) -> Vec<SessionId> {
        let replicas = Role::EDITORS.into_iter();
        replicas
            .filter_map(|role| Some(self.sessions.replica(role)?.session))
            .collect()
    }
}

/// All that a failure of automation counts against.
fn of_automation<'a>(changes: impl Iterator<Item = &'a Change>, digest: &str) -> BTreeSet<Scope> {
    let coarser = [
        Scope::Content(digest.to_owned()),
        Scope::Automation,
        Scope::SafeMode,
    ];
    let operations = changes.flat_map(Scope::operations_of);
    operations.chain(coarser).collect()
}

#[cfg(test)]
mod tests {
    use vibesync_scene::{FailureState, ProjectId, Replay};

    use super::*;
    use crate::action::Options;
    use crate::governance::rate::Rate;

    fn engine() -> Engine {
        let options = Options {
            project_id: ProjectId(Uuid::from_u128(1)),
            batch_window_ms: 300,
            apply_timeout_ms: 10_000,
            heartbeat_ms: 2_000,
            idle_ms: 1_000,
            max_open: 100,
            max_batch: 100,
            max_batch_bytes: 1 << 20,
            rate: Rate::default(),
            thresholds: Thresholds::default(),
        };
        Engine::restore(options, "test", Replay::default()).0
    }

    const THING: Scope = Scope::Entity(Uuid::from_u128(7));

    fn fail(engine: &mut Engine, code: Code, detail: &str) -> FailureState {
        engine.count(&Failure {
            session: None,
            scopes: BTreeSet::from([THING]),
            at: Some(Role::Unity),
            code,
            detail,
        });
        engine.failures.get(&THING).unwrap().clone()
    }

    #[test]
    fn the_same_twice_opens_and_what_is_different_each_time_after_five() {
        let mut engine = engine();
        assert!(!fail(&mut engine, Code::ApplyFailed, "a").open);
        assert!(fail(&mut engine, Code::ApplyFailed, "a").open);
        let mut engine = self::engine();
        for detail in ["a", "b", "c", "d"] {
            assert!(
                !fail(&mut engine, Code::ApplyFailed, detail).open,
                "{detail}"
            );
        }
        assert!(fail(&mut engine, Code::ApplyFailed, "e").open);
        let mut engine = self::engine();
        fail(&mut engine, Code::ApplyFailed, "a");
        assert!(
            !fail(&mut engine, Code::VerificationFailed, "a").open,
            "another code"
        );
    }

    #[test]
    fn a_breaker_that_is_open_does_not_open_again() {
        let mut engine = engine();
        for _ in 0..5 {
            fail(&mut engine, Code::ApplyFailed, "a");
        }
        let trouble = fail(&mut engine, Code::ApplyFailed, "a");
        assert_eq!((trouble.failures, trouble.opened), (6, 1));
        assert!(trouble.open && !trouble.permanent);
    }

    #[test]
    fn a_crash_is_three_in_a_row_however_alike() {
        let mut engine = engine();
        assert!(!fail(&mut engine, Code::EditorCrashed, "a").open);
        assert!(!fail(&mut engine, Code::EditorCrashed, "a").open);
        assert!(fail(&mut engine, Code::EditorCrashed, "a").open);
    }
}
