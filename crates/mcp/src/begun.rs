//! The operations that this process has asked for, each with the call that it came from.
//!
//! An agent may repeat a call with its operation id. The same call is not made a second time, even if it would mean other
//! changes now, such as a relative move; another call with the same id is refused.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use vibesync_scene::{BlobId, Code, OperationId};

use crate::daemon::Fault;

/// Most operations that are kept.
const MAX_OPERATIONS: usize = 10_000;

/// The newest operations.
#[derive(Debug, Default)]
pub(crate) struct Begun(Mutex<Operations>);

#[derive(Debug, Default)]
struct Operations {
    calls: HashMap<OperationId, BlobId>,
    order: VecDeque<OperationId>,
}

impl Begun {
    /// Notes an operation and the text of its call. Returns true if the same call has begun it before. Fails if another
    /// call has.
    pub fn note(&self, id: OperationId, call: &str) -> Result<bool, Fault> {
        let digest = BlobId::hash(call.as_bytes());
        let mut operations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match operations.calls.insert(id, digest) {
            None => {
                operations.order.push_back(id);
                if operations.order.len() > MAX_OPERATIONS
                    && let Some(oldest) = operations.order.pop_front()
                {
                    operations.calls.remove(&oldest);
                }
                Ok(false)
            }
            Some(known) if known == digest => Ok(true),
            Some(known) => {
                operations.calls.insert(id, known);
                let message = "this operation id was used for another call";
                Err(Fault::new(Code::OperationReused, "operation_id", message)
                    .with_help("Leave operation_id out for a new change."))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vibesync_scene::Uuid;

    use super::*;

    #[test]
    fn same_call_is_known_and_another_one_is_refused() {
        let begun = Begun::default();
        let id = OperationId(Uuid::from_u128(1));
        assert_eq!(begun.note(id, "move"), Ok(false));
        assert_eq!(begun.note(id, "move"), Ok(true));
        let refused = begun.note(id, "delete").unwrap_err();
        assert_eq!(refused.code, Code::OperationReused);
        assert_eq!(begun.note(id, "move"), Ok(true));
    }
}
