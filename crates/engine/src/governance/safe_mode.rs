//! Safe mode: all automation is off until a person ends it.

use vibesync_protocol::{Code, DaemonMessage};
use vibesync_scene::{Outcome, Payload, Phase, RecordBody};

use crate::delivery::replicas::Replicas;
use crate::journal::Journal;

/// Begins safe mode if it has not begun yet, and tells all editors.
pub(crate) fn begin_safe_mode(journal: &mut Journal, replicas: &Replicas, why: String) {
    if journal.failures().safe_mode().is_some() {
        return;
    }
    journal.append(RecordBody {
        session_id: None,
        operation_id: None,
        uuids: Vec::new(),
        phase: Phase::SafeMode,
        outcome: Outcome::Quarantined,
        error_code: Some(Code::SafeMode),
        payload: Payload::SafeMode { why },
    });
    announce_safe_mode(journal, replicas);
}

/// Begins safe mode if the daemon has crashed at its last starts. The current start does not count.
pub(crate) fn check_boots(journal: &mut Journal, replicas: &Replicas, max_crashes: u32) {
    let failed = journal.failures().failed_boots();
    if failed >= max_crashes {
        let why = format!("the daemon has crashed {failed} times in a row");
        begin_safe_mode(journal, replicas, why);
    }
}

/// Tells all editors whether safe mode is on.
pub(crate) fn announce_safe_mode(journal: &mut Journal, replicas: &Replicas) {
    let safe_mode = journal.failures().safe_mode().cloned();
    for session in replicas.sessions() {
        let safe_mode = safe_mode.clone();
        journal.send(session, DaemonMessage::Governance { safe_mode });
    }
}
