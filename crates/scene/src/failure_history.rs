//! The failure history: the failures of scopes that are not known to work again, rebuilt from the log like the scene.
//!
//! All of it comes from FAILURE, RESET, SAFE_MODE, BOOT and similar records, so it survives every restart. The records
//! contain the decisions, so a threshold that changes later does not change them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::record::{FailureCount, Outcome, Payload, RecordBody};
use crate::role::Role;
use crate::scope::Scope;

/// Most scopes that are tracked. Beyond, the scope that failed longest ago is removed; those with an open breaker last.
pub const MAX_TRACKED_SCOPES: usize = 10_000;

/// The failures of one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureState {
    /// Consecutive failures of the same kind.
    pub failures: u32,
    /// Identifies the kind of the last failure: 16 hex digits.
    pub signature: String,
    /// Code of the last failure.
    pub code: Code,
    /// Sequence of its FAILURE record.
    pub seq: u64,
    /// The editor in which it failed; none if the daemon refused it.
    pub at: Option<Role>,
    /// Whether the breaker is open: the scope is not tried again.
    pub open: bool,
    /// Number of times that the breaker has opened since the last reset.
    pub opened: u32,
    /// Whether only a reset closes the breaker; an edit does not.
    #[serde(rename = "constraint")]
    pub permanent: bool,
}

/// Automation is off, until a person turns it on again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeMode {
    /// Sequence of the record that turned it off.
    pub since: u64,
    /// The reason, as a clause without a period: "the daemon has crashed 3 times in a row".
    pub why: String,
}

/// The failures of all scopes that are not known to work again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureHistory {
    #[serde(rename = "troubles")]
    states: BTreeMap<Scope, FailureState>,
    safe_mode: Option<SafeMode>,
    /// Consecutive failed runs: runs of the daemon that ended before they were steady.
    failed_boots: u32,
    /// Sequence of the last BOOT record.
    boot: u64,
    /// Whether the current run has ended a transaction of its own, or has lasted long enough.
    steady: bool,
}

impl FailureHistory {
    /// Whether there are neither failures nor the safe mode: the common case.
    pub fn is_quiet(&self) -> bool {
        self.states.is_empty() && self.safe_mode.is_none()
    }

    /// Returns the failures of a scope.
    pub fn get(&self, scope: &Scope) -> Option<&FailureState> {
        self.states.get(scope)
    }

    /// All failures, by scope.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &FailureState)> {
        self.states.iter()
    }

    /// Number of scopes whose breaker is open.
    pub fn open_breakers(&self) -> usize {
        self.states.values().filter(|state| state.open).count()
    }

    /// The safe mode, if it is on.
    pub fn safe_mode(&self) -> Option<&SafeMode> {
        self.safe_mode.as_ref()
    }

    /// Number of consecutive runs that ended before they were steady.
    pub fn failed_boots(&self) -> u32 {
        self.failed_boots
    }

    /// Whether this run has ended a transaction of its own, or has lasted long enough.
    pub fn is_steady(&self) -> bool {
        self.steady
    }

    /// Number of consecutive times that this editor crashed while it applied a change of the entity.
    pub fn crashes_at(&self, uuid: Uuid, role: Role) -> u32 {
        let state = self.states.get(&Scope::Entity(uuid));
        let crashed = |it: &&FailureState| it.at == Some(role) && it.code == Code::EditorCrashed;
        state.filter(crashed).map_or(0, |state| state.failures)
    }

    /// The entities that failed in this editor.
    pub fn failing_at(&self, role: Role) -> impl Iterator<Item = Uuid> + '_ {
        self.entities(move |state| state.at == Some(role))
    }

    /// The entities that are not sent to this editor any more.
    pub fn suppressed(&self, role: Role) -> impl Iterator<Item = Uuid> + '_ {
        self.entities(move |state| state.open && state.at == Some(role))
    }

    fn entities(&self, is_wanted: impl Fn(&FailureState) -> bool) -> impl Iterator<Item = Uuid> {
        let all = self.states.iter();
        all.filter_map(move |(scope, state)| match scope {
            Scope::Entity(uuid) if is_wanted(state) => Some(*uuid),
            _ => None,
        })
    }

    /// Applies a record. The caller reports verified transactions and edits, which need more than their record: see
    /// [`FailureHistory::record_success`] and [`FailureHistory::reset_on_edit`].
    pub fn record(&mut self, seq: u64, record: &RecordBody) {
        match &record.payload {
            Payload::Failure {
                at,
                signature,
                counts,
                ..
            } => {
                let Some(code) = record.error_code else {
                    return;
                };
                for count in counts {
                    self.record_failure(seq, code, *at, signature, count);
                }
                self.remove_oldest();
            }
            Payload::Reset {
                scope: Scope::SafeMode,
                ..
            } => {
                self.safe_mode = None;
                self.failed_boots = 0;
                self.states.remove(&Scope::SafeMode);
            }
            Payload::Reset { scope, .. } => {
                self.states.remove(scope);
            }
            Payload::SafeMode { why } => {
                let why = why.clone();
                self.safe_mode = Some(SafeMode { since: seq, why });
            }
            Payload::Boot {
                last_shutdown_clean,
                ..
            } => {
                let was_steady = *last_shutdown_clean || self.steady;
                self.failed_boots = if was_steady { 0 } else { self.failed_boots + 1 };
                self.steady = false;
                self.boot = seq;
            }
            Payload::CallEnd(end) if record.outcome == Outcome::Ok => {
                self.record_automation_success(std::iter::once(end.scope()));
            }
            // Allowing an add-on again is one more try, as an edit of an entity is.
            Payload::Grant(grant) => self.reset_on_grant(&grant.addon_id),
            // The start ends the transactions of the previous run; those do not count.
            Payload::End { begin, .. } if *begin > self.boot => self.steady = true,
            Payload::Steady {} | Payload::Shutdown {} => self.steady = true,
            Payload::Deliver { role, .. } if record.outcome == Outcome::Verified => {
                self.record_success(&record.uuids, Some(*role));
            }
            _ => {}
        }
    }

    fn record_failure(
        &mut self,
        seq: u64,
        code: Code,
        at: Option<Role>,
        signature: &str,
        count: &FailureCount,
    ) {
        let before = self.states.get(&count.scope);
        let opened = before.map_or(0, |state| state.opened) + u32::from(count.opens);
        let state = FailureState {
            failures: count.failures,
            signature: signature.to_owned(),
            code,
            seq,
            at,
            open: count.opens || before.is_some_and(|state| state.open),
            opened,
            permanent: count.permanent || before.is_some_and(|state| state.permanent),
        };
        self.states.insert(count.scope.clone(), state);
    }

    /// Removes the scopes that failed longest ago, if there are too many.
    fn remove_oldest(&mut self) {
        while self.states.len() > MAX_TRACKED_SCOPES {
            let oldest = self.states.iter();
            let oldest = oldest.min_by_key(|(_, state)| (state.open, state.seq));
            let Some(scope) = oldest.map(|(scope, _)| scope.clone()) else {
                return;
            };
            self.states.remove(&scope);
        }
    }

    /// Removes the failures of entities that were verified: by one editor, or for none by all that were asked. An open
    /// breaker stays open until a person closes it.
    pub fn record_success(&mut self, uuids: &[Uuid], at: Option<Role>) {
        if self.states.is_empty() {
            return;
        }
        for uuid in uuids {
            let scope = Scope::Entity(*uuid);
            let is_repaired =
                |state: &FailureState| !state.open && (at.is_none() || state.at == at);
            if self.states.get(&scope).is_some_and(is_repaired) {
                self.states.remove(&scope);
            }
        }
    }

    /// Removes the failures of the broader scopes of a change by automation that was verified.
    pub fn record_automation_success(&mut self, scopes: impl Iterator<Item = Scope>) {
        for scope in scopes {
            if self.states.get(&scope).is_some_and(|state| !state.open) {
                self.states.remove(&scope);
            }
        }
    }

    /// Closes the breakers of an add-on's tools, because a person allows it again. Permanent ones stay open.
    fn reset_on_grant(&mut self, addon_id: &str) {
        for (scope, state) in &mut self.states {
            if let Scope::Capability(name) = scope
                && name.split_once('/').is_some_and(|(id, _)| id == addon_id)
            {
                state.open &= state.permanent;
            }
        }
    }

    /// Closes the breaker of an entity that a person edits: an edit is one more try. The next failure of the same kind
    /// opens it again. A permanent breaker stays open.
    pub fn reset_on_edit(&mut self, uuid: Uuid) {
        if let Some(state) = self.states.get_mut(&Scope::Entity(uuid)) {
            state.open &= state.permanent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Phase;

    fn failure(scope: Scope, opens: bool) -> RecordBody {
        let count = FailureCount {
            scope,
            failures: 1,
            opens,
            permanent: false,
        };
        RecordBody {
            session_id: None,
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::Failure,
            outcome: Outcome::Failed,
            error_code: Some(Code::ApplyFailed),
            payload: Payload::Failure {
                at: Some(Role::Unity),
                signature: "0".repeat(16),
                counts: vec![count],
                detail: String::new(),
            },
        }
    }

    fn entity(number: u64) -> Scope {
        Scope::Entity(Uuid::from_u128(number.into()))
    }

    #[test]
    fn oldest_failures_are_removed_first_and_open_breakers_last() {
        let mut failures = FailureHistory::default();
        let many = MAX_TRACKED_SCOPES as u64 + 10;
        for number in 0..many {
            failures.record(number + 1, &failure(entity(number), number == 0));
        }
        assert_eq!(failures.iter().count(), MAX_TRACKED_SCOPES);
        assert!(failures.get(&entity(0)).is_some(), "its breaker is open");
        assert!(
            failures.get(&entity(1)).is_none(),
            "it is the oldest closed one"
        );
        assert!(failures.get(&entity(many - 1)).is_some());
    }

    #[test]
    fn success_in_one_editor_keeps_failures_of_the_other() {
        let mut failures = FailureHistory::default();
        let uuid = Uuid::from_u128(5);
        failures.record(1, &failure(entity(5), false));
        failures.record_success(&[uuid], Some(Role::Blender));
        assert!(failures.get(&entity(5)).is_some());
        failures.record_success(&[uuid], Some(Role::Unity));
        assert!(failures.get(&entity(5)).is_none());
        failures.record(2, &failure(entity(5), true));
        failures.record_success(&[uuid], None);
        assert!(
            failures.get(&entity(5)).is_some(),
            "only a person closes an open breaker"
        );
    }
}
