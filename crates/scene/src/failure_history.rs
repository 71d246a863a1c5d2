//! The failure failures: what went wrong and has not been mended, rebuilt from the log like the scene.
//!
//! It holds nothing that a FAILURE, RESET, SAFE_MODE or BOOT record does not say, so it survives every restart, and
//! thresholds that change later do not change what was decided.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::record::{Outcome, Payload, RecordBody, Role};
use crate::scope::Scope;

/// Most scopes whose failures are remembered. Beyond, what failed longest ago is forgotten, open breakers last.
pub const MAX_TRACKED_SCOPES: usize = 10_000;

/// How something fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureState {
    /// Failures in a row.
    pub failures: u32,
    /// Tells the last failure from one that is different: 16 hex digits.
    pub signature: String,
    /// What went wrong last.
    pub code: Code,
    /// Sequence of the FAILURE record that says so.
    pub seq: u64,
    /// The editor in which it failed; none where none did.
    pub at: Option<Role>,
    /// Whether the breaker is open: it is not tried again.
    pub open: bool,
    /// How often the breaker has opened since the last reset.
    pub opened: u32,
    /// Known to be bad: an edit does not close the breaker again, a reset alone does.
    #[serde(rename = "constraint")]
    pub permanent: bool,
}

/// How a failure counts for one scope: with [`Payload::Failure`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureCount {
    /// What it counts against.
    pub scope: Scope,
    /// Failures in a row, this one included.
    pub failures: u32,
    /// Whether the breaker is open from now on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens: bool,
    /// Whether it stays open until a reset, whoever edits.
    #[serde(
        rename = "constraint",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub permanent: bool,
}

/// Automation is off, until a person turns it on again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SafeMode {
    /// Sequence of the record that turned it off.
    pub since: u64,
    /// Why, as a clause without a period: "the daemon has crashed 3 times in a row".
    pub why: String,
}

/// All that failed and is not known to work again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailureHistory {
    #[serde(rename = "troubles")]
    states: BTreeMap<Scope, FailureState>,
    safe_mode: Option<SafeMode>,
    /// Runs of the daemon in a row that ended before they had got anywhere.
    failed_boots: u32,
    /// Sequence of the last BOOT.
    boot: u64,
    /// Whether the run under way has got somewhere.
    steady: bool,
}

impl FailureHistory {
    /// Nothing is wrong and nothing was: the common case.
    pub fn is_quiet(&self) -> bool {
        self.states.is_empty() && self.safe_mode.is_none()
    }

    /// What is known of a scope.
    pub fn get(&self, scope: &Scope) -> Option<&FailureState> {
        self.states.get(scope)
    }

    /// Everything that is known, by scope.
    pub fn iter(&self) -> impl Iterator<Item = (&Scope, &FailureState)> {
        self.states.iter()
    }

    /// Scopes whose breaker is open.
    pub fn open_breakers(&self) -> usize {
        self.states.values().filter(|trouble| trouble.open).count()
    }

    /// The safe mode, while it lasts.
    pub fn safe_mode(&self) -> Option<&SafeMode> {
        self.safe_mode.as_ref()
    }

    /// Runs in a row that ended before they had got anywhere.
    pub fn failed_boots(&self) -> u32 {
        self.failed_boots
    }

    /// Whether this run has verified something, or has lasted.
    pub fn is_steady(&self) -> bool {
        self.steady
    }

    /// How often in a row this editor ended while it worked on an entity.
    pub fn crashes_at(&self, uuid: Uuid, role: Role) -> u32 {
        let trouble = self.states.get(&Scope::Entity(uuid));
        let crashed = |it: &&FailureState| it.at == Some(role) && it.code == Code::EditorCrashed;
        trouble
            .filter(crashed)
            .map_or(0, |trouble| trouble.failures)
    }

    /// Entities that failed at this editor.
    pub fn failing_at(&self, role: Role) -> impl Iterator<Item = Uuid> + '_ {
        let here = move |trouble: &FailureState| trouble.at == Some(role);
        self.entities(here)
    }

    /// Entities that are not sent to this editor anymore.
    pub fn suppressed(&self, role: Role) -> impl Iterator<Item = Uuid> + '_ {
        self.entities(move |trouble| trouble.open && trouble.at == Some(role))
    }

    fn entities(&self, wanted: impl Fn(&FailureState) -> bool) -> impl Iterator<Item = Uuid> {
        let all = self.states.iter();
        all.filter_map(move |(scope, trouble)| match scope {
            Scope::Entity(uuid) if wanted(trouble) => Some(*uuid),
            _ => None,
        })
    }

    /// Takes a record in. What ends well is not told here, see [`FailureHistory::record_success`] and [`FailureHistory::reset_on_edit`].
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
                for counted in counts {
                    self.failed(seq, code, *at, signature, counted);
                }
                self.bound();
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
                let got_somewhere = *last_shutdown_clean || self.steady;
                self.failed_boots = if got_somewhere {
                    0
                } else {
                    self.failed_boots + 1
                };
                self.steady = false;
                self.boot = seq;
            }
            // One that was begun by the run before ends at the start: that is nothing yet.
            Payload::End { begin, .. } if *begin > self.boot => self.steady = true,
            Payload::Steady {} | Payload::Shutdown {} => self.steady = true,
            Payload::Deliver { role, .. } if record.outcome == Outcome::Verified => {
                self.record_success(&record.uuids, Some(*role));
            }
            _ => {}
        }
    }

    fn failed(
        &mut self,
        seq: u64,
        code: Code,
        at: Option<Role>,
        signature: &str,
        counted: &FailureCount,
    ) {
        let before = self.states.get(&counted.scope);
        let opened = before.map_or(0, |trouble| trouble.opened) + u32::from(counted.opens);
        let trouble = FailureState {
            failures: counted.failures,
            signature: signature.to_owned(),
            code,
            seq,
            at,
            open: counted.opens || before.is_some_and(|trouble| trouble.open),
            opened,
            permanent: counted.permanent || before.is_some_and(|trouble| trouble.permanent),
        };
        self.states.insert(counted.scope.clone(), trouble);
    }

    /// Forgets what failed longest ago where there is too much.
    fn bound(&mut self) {
        while self.states.len() > MAX_TRACKED_SCOPES {
            let oldest = self.states.iter();
            let oldest = oldest.min_by_key(|(_, trouble)| (trouble.open, trouble.seq));
            let Some(scope) = oldest.map(|(scope, _)| scope.clone()) else {
                return;
            };
            self.states.remove(&scope);
        }
    }

    /// Entities were verified, by this editor or by all that were asked: what was wrong with them is not anymore. An
    /// open breaker stays open: it is closed by a person.
    pub fn record_success(&mut self, uuids: &[Uuid], at: Option<Role>) {
        if self.states.is_empty() {
            return;
        }
        for uuid in uuids {
            let scope = Scope::Entity(*uuid);
            let mended =
                |trouble: &FailureState| !trouble.open && (at.is_none() || trouble.at == at);
            if self.states.get(&scope).is_some_and(mended) {
                self.states.remove(&scope);
            }
        }
    }

    /// What automation did was verified: the coarser scopes that it belongs to work.
    pub fn record_automation_success(&mut self, scopes: impl Iterator<Item = Scope>) {
        for scope in scopes {
            if self.states.get(&scope).is_some_and(|trouble| !trouble.open) {
                self.states.remove(&scope);
            }
        }
    }

    /// A person edited an entity, which is one more try: its breaker closes, and opens at the next failure of the same
    /// kind. What is known to be bad stays as it is.
    pub fn reset_on_edit(&mut self, uuid: Uuid) {
        if let Some(trouble) = self.states.get_mut(&Scope::Entity(uuid)) {
            trouble.open &= trouble.permanent;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Phase;

    fn failure(scope: Scope, opens: bool) -> RecordBody {
        let counted = FailureCount {
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
                counts: vec![counted],
                detail: String::new(),
            },
        }
    }

    fn entity(number: u64) -> Scope {
        Scope::Entity(Uuid::from_u128(number.into()))
    }

    #[test]
    fn what_failed_longest_ago_is_forgotten_and_open_breakers_last() {
        let mut failures = FailureHistory::default();
        let many = MAX_TRACKED_SCOPES as u64 + 10;
        for number in 0..many {
            failures.record(number + 1, &failure(entity(number), number == 0));
        }
        assert_eq!(failures.iter().count(), MAX_TRACKED_SCOPES);
        assert!(failures.get(&entity(0)).is_some(), "it is open");
        assert!(
            failures.get(&entity(1)).is_none(),
            "it is the oldest that is not"
        );
        assert!(failures.get(&entity(many - 1)).is_some());
    }

    #[test]
    fn what_works_in_one_editor_says_nothing_of_another() {
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
            "what is open a person closes"
        );
    }
}
