//! The gate before every mutation: what the failure history knows about an intent, and what follows from it.
//!
//! A person's edit is never refused for it, only made with more care. Automation is stopped by an open breaker of any
//! scope, from one entity up to safe mode.

use vibesync_protocol::{Code, ErrorBody};
use vibesync_scene::{
    Change, FailureHistory, FailureState, Finding, PolicyDecision, Role, Scope, Verdict,
};

/// Decides on an intent's changes. `digest` is the digest of the intent's content.
pub(crate) fn decide<'a>(
    failures: &FailureHistory,
    origin: Role,
    digest: &str,
    changes: impl Iterator<Item = &'a Change> + Clone,
) -> PolicyDecision {
    let mut decision = PolicyDecision::default();
    if failures.is_quiet() {
        return decision;
    }
    let is_person = origin.is_person();
    let entities = changes.clone().map(|change| Scope::Entity(change.uuid()));
    let coarser = changes
        .flat_map(Scope::operations_of)
        .chain([Scope::Content(digest.to_owned()), Scope::Automation]);
    let coarser = coarser.filter(|_| !is_person);
    for scope in entities.chain(coarser) {
        if let Some(state) = failures.get(&scope) {
            let verdict = match state.open && !is_person {
                true => Verdict::Block,
                false => Verdict::Degrade,
            };
            decision.add_finding(verdict, finding(scope, state));
        }
    }
    if !is_person {
        add_safe_mode(failures, &mut decision);
    }
    decision
}

/// Decides on a call of an add-on's tool.
pub(crate) fn decide_call(failures: &FailureHistory, tool: Scope) -> PolicyDecision {
    let mut decision = PolicyDecision::default();
    for scope in [tool, Scope::Automation] {
        if let Some(state) = failures.get(&scope) {
            let verdict = match state.open {
                true => Verdict::Block,
                false => Verdict::Degrade,
            };
            decision.add_finding(verdict, finding(scope, state));
        }
    }
    add_safe_mode(failures, &mut decision);
    decision
}

fn add_safe_mode(failures: &FailureHistory, decision: &mut PolicyDecision) {
    if let Some(safe_mode) = failures.safe_mode() {
        let seq = safe_mode.since;
        let (scope, code) = (Scope::SafeMode, Code::SafeMode);
        decision.add_finding(Verdict::SafeMode, Finding { scope, code, seq });
    }
}

/// Returns the error for an intent that the decision blocks.
pub(crate) fn explain_block(failures: &FailureHistory, decision: &PolicyDecision) -> ErrorBody {
    let Some(finding) = decision.findings.first() else {
        let message = "the log forbids it".into();
        return error(Code::BreakerOpen, message, String::new());
    };
    let location = finding.scope.to_string();
    if let Some(safe_mode) = failures.safe_mode() {
        return error(Code::SafeMode, safe_mode.why.clone(), location);
    }
    let state = failures.get(&finding.scope);
    let code = match state.is_some_and(|state| state.permanent) {
        true => Code::KnownBad,
        false => Code::BreakerOpen,
    };
    let message = format!(
        "failed {} times in a row, at last with {} in record {}",
        state.map_or(1, |state| state.failures),
        finding.code,
        finding.seq
    );
    error(code, message, location)
}

fn finding(scope: Scope, state: &FailureState) -> Finding {
    Finding {
        scope,
        code: state.code,
        seq: state.seq,
    }
}

fn error(code: Code, message: String, location: String) -> ErrorBody {
    let help = code.help().to_owned();
    ErrorBody {
        code,
        message,
        location,
        help,
    }
}
