//! Editors whose history has diverged from the log: they know records that the log does not have.

use vibesync_protocol::{Code, ErrorBody, Hello, Severity};
use vibesync_scene::{Epochs, SessionId};

use crate::journal::Journal;

/// Returns the last record that an editor's history shares with the log; none if the log has all of it. An editor that
/// keeps no epochs cannot tell, and other clients hold no copy of the scene.
pub(crate) fn find_divergence(epochs: &Epochs, head_seq: u64, hello: &Hello) -> Option<u64> {
    let theirs = hello.epochs.as_ref()?;
    let is_editor = hello.role.is_editor();
    is_editor
        .then(|| epochs.divergence(head_seq, theirs, hello.last_seq))
        .flatten()
}

/// Returns the last record that an editor shares with the log, as `found` in this handshake. An earlier handshake counts
/// until the editor has sent again what the log lacked.
pub(crate) fn common_end_of(hello: &Hello, found: Option<u64>) -> Option<u64> {
    let earlier = hello.diverged_after.filter(|_| hello.role.is_editor());
    earlier.into_iter().chain(found).min()
}

/// Tells the user of an editor that the log lacks records, and that the editor sends them again.
pub(crate) fn notify_diverged(
    journal: &mut Journal,
    session: SessionId,
    editor: &str,
    last_seq: u64,
    common_end: u64,
) {
    let code = Code::LogDiverged;
    let message = format!(
        "{editor} has seen sequence {last_seq}, but shares only the records up to {common_end} with the log; it sends \
         again what the log lacks"
    );
    let error = ErrorBody {
        code,
        message,
        location: "hello.epochs".into(),
        help: "Look at the objects that change now. Find out how the log lost its end.".into(),
    };
    journal.notify(session, Severity::Warning, &error, Vec::new());
}
