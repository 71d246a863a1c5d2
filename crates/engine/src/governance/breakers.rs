//! Circuit breakers: failures are counted, and what keeps failing is stopped until a person resets it.
//!
//! The finest breaker opens first: the one of an entity, or of one content, after two identical failures. The breakers
//! of a kind of change, of all automation and of safe mode need more consecutive failures. `docs/architecture.md`,
//! section Governance, has the rules.

use vibesync_protocol::{Code, ErrorBody, Severity};
use vibesync_scene::{
    FailureCount, FailureHistory, Outcome, Payload, Phase, RecordBody, Scene, Scope, truncate_text,
};

use crate::delivery::replicas::Replicas;
use crate::governance::failure::Failure;
use crate::governance::safe_mode::begin_safe_mode;
use crate::governance::state::Governance;
use crate::intake::names::display_name;
use crate::journal::Journal;
use crate::options::Thresholds;

impl Governance {
    /// Counts a failure for its scopes, and opens the breakers whose threshold is reached.
    pub fn count(
        &self,
        journal: &mut Journal,
        scene: &Scene,
        replicas: &Replicas,
        failure: &Failure<'_>,
    ) {
        if failure.scopes.is_empty() {
            return;
        }
        let signature = failure.signature();
        let failures = journal.failures();
        let scopes = failure.scopes.iter();
        let counted: Vec<FailureCount> = scopes
            .map(|scope| count_scope(&self.thresholds, failures, scope, failure.code, &signature))
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
        journal.append(RecordBody {
            session_id: failure.session,
            operation_id: None,
            uuids: uuids.collect(),
            phase: Phase::Failure,
            outcome: Outcome::Failed,
            error_code: Some(failure.code),
            payload: Payload::Failure {
                at: failure.at,
                signature,
                counts: counted,
                detail: truncate_text(failure.detail.clone().into_owned()),
            },
        });
        for scope in opened {
            announce_opened(journal, scene, replicas, &scope, &failure.detail);
        }
    }
}

/// Returns the new count of one scope.
fn count_scope(
    thresholds: &Thresholds,
    history: &FailureHistory,
    scope: &Scope,
    code: Code,
    signature: &str,
) -> FailureCount {
    let before = history.get(scope);
    let failures = before.map_or(0, |state| state.failures).saturating_add(1);
    let is_identical = before.is_some_and(|state| state.signature == signature);
    let is_reached = match scope {
        // An editor that a tool has ended takes a person's work with it: once is enough.
        Scope::Capability(_) if code == Code::EditorCrashed => true,
        Scope::Entity(_) if code == Code::EditorCrashed => failures >= thresholds.crashes,
        Scope::Entity(_) | Scope::Content(_) | Scope::Capability(_) => {
            (is_identical && failures >= thresholds.identical) || failures >= thresholds.entity
        }
        Scope::Operation(_) => failures >= thresholds.operation,
        Scope::Automation => failures >= thresholds.automation,
        Scope::SafeMode => failures >= thresholds.safe_mode,
    };
    let opens = is_reached && !before.is_some_and(|state| state.open);
    let opened = before.map_or(0, |state| state.opened) + u32::from(opens);
    FailureCount {
        scope: scope.clone(),
        failures,
        opens,
        permanent: opens && opened >= thresholds.permanent,
    }
}

/// Tells the users of all editors that a breaker has opened. The breaker of safe mode begins it.
fn announce_opened(
    journal: &mut Journal,
    scene: &Scene,
    replicas: &Replicas,
    scope: &Scope,
    detail: &str,
) {
    let state = journal.failures().get(scope);
    if *scope == Scope::SafeMode {
        let failures = state.map_or(0, |state| state.failures);
        let why = format!("automation failed {failures} times in a row");
        return begin_safe_mode(journal, replicas, why);
    }
    let code = match state.is_some_and(|state| state.permanent) {
        true => Code::KnownBad,
        false => Code::BreakerOpen,
    };
    let (subject, uuids) = match scope {
        Scope::Entity(uuid) => (display_name(scene, *uuid), vec![*uuid]),
        scope => (scope.to_string(), Vec::new()),
    };
    let error = ErrorBody {
        code,
        message: format!("{subject}: not tried again: {detail}"),
        location: scope.to_string(),
        help: code.help().to_owned(),
    };
    for session in replicas.sessions() {
        journal.notify(session, Severity::Error, &error, uuids.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use vibesync_scene::{FailureState, Role, Uuid};

    use super::*;
    use crate::options::Rate;

    const THING: Scope = Scope::Entity(Uuid::from_u128(7));

    fn journal() -> Journal {
        Journal::new(
            0,
            FailureHistory::default(),
            vibesync_scene::AgentHistory::default(),
        )
    }

    fn fail(journal: &mut Journal, code: Code, detail: &str) -> FailureState {
        let governance = Governance::new(Thresholds::default(), Rate::default());
        let failure = Failure {
            session: None,
            scopes: BTreeSet::from([THING]),
            at: Some(Role::Unity),
            code,
            detail: detail.into(),
        };
        governance.count(journal, &Scene::default(), &Replicas::default(), &failure);
        journal.failures().get(&THING).unwrap().clone()
    }

    #[test]
    fn entity_breaker_opens_after_two_identical_failures() {
        let mut journal = journal();
        assert!(!fail(&mut journal, Code::ApplyFailed, "a").open);
        assert!(fail(&mut journal, Code::ApplyFailed, "a").open);
    }

    #[test]
    fn entity_breaker_opens_after_five_different_failures() {
        let mut journal = journal();
        for detail in ["a", "b", "c", "d"] {
            assert!(
                !fail(&mut journal, Code::ApplyFailed, detail).open,
                "{detail}"
            );
        }
        assert!(fail(&mut journal, Code::ApplyFailed, "e").open);
    }

    #[test]
    fn failures_with_different_codes_are_not_identical() {
        let mut journal = journal();
        fail(&mut journal, Code::ApplyFailed, "a");
        assert!(!fail(&mut journal, Code::VerificationFailed, "a").open);
    }

    #[test]
    fn open_breaker_does_not_open_again() {
        let mut journal = journal();
        for _ in 0..5 {
            fail(&mut journal, Code::ApplyFailed, "a");
        }
        let state = fail(&mut journal, Code::ApplyFailed, "a");
        assert_eq!((state.failures, state.opened), (6, 1));
        assert!(state.open && !state.permanent);
    }

    #[test]
    fn identical_crashes_open_the_breaker_only_after_three() {
        let mut journal = journal();
        assert!(!fail(&mut journal, Code::EditorCrashed, "a").open);
        assert!(!fail(&mut journal, Code::EditorCrashed, "a").open);
        assert!(fail(&mut journal, Code::EditorCrashed, "a").open);
    }
}
