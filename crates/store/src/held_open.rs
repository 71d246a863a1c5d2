//! Waits for files that another program has open.
//!
//! On Windows a virus scanner, an indexer or a backup opens a file right after it was written. Until that program closes
//! the file, nobody can replace, remove or open it.

use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// Pauses before the next attempts, milliseconds: about a second in all.
const PAUSES_MS: [u64; 7] = [1, 5, 20, 50, 100, 250, 500];

/// Carries out an operation on a file. Repeats it while another program has the file open, for a second at most.
pub fn retry<T>(path: &Path, operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    retry_while(is_held, path, operation)
}

fn retry_while<T>(
    is_held: impl Fn(&io::Error) -> bool,
    path: &Path,
    mut operation: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let mut waited = 0;
    for pause in PAUSES_MS {
        match operation() {
            Err(error) if is_held(&error) => {
                sleep(Duration::from_millis(pause));
                waited += pause;
            }
            done => {
                if waited > 0 {
                    tracing::warn!(path = %path.display(), waited_ms = waited, "another program had the file open");
                }
                return done;
            }
        }
    }
    operation()
}

/// Returns true for the errors of Windows about a file that is open: access denied, sharing violation, lock violation.
fn is_held(error: &io::Error) -> bool {
    cfg!(windows) && matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

/// Returns true if the system may have refused an operation because another program has the file open.
pub(crate) fn is_refused(error: &io::Error) -> bool {
    is_held(error) || error.kind() == io::ErrorKind::PermissionDenied
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    /// Counts the attempts at an operation that fails so often.
    fn attempts(failures: usize, kind: ErrorKind) -> (usize, io::Result<()>) {
        let mut count = 0;
        let done = retry_while(is_refused, Path::new("file"), || {
            count += 1;
            match count <= failures {
                true => Err(kind.into()),
                false => Ok(()),
            }
        });
        (count, done)
    }

    #[test]
    fn file_that_is_closed_after_a_moment_is_waited_for() {
        let (count, done) = attempts(3, ErrorKind::PermissionDenied);
        assert!(count == 4 && done.is_ok(), "{count} {done:?}");
    }

    #[test]
    fn file_that_stays_open_is_an_error() {
        let (count, done) = attempts(usize::MAX, ErrorKind::PermissionDenied);
        assert!(count == PAUSES_MS.len() + 1 && done.is_err(), "{count}");
    }

    #[test]
    fn other_errors_are_reported_at_once() {
        let (count, done) = attempts(1, ErrorKind::NotFound);
        assert!(count == 1 && done.is_err(), "{count}");
    }
}
