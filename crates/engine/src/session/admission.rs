//! The check of a client's first message: may it connect, and which connection does it replace?

use vibesync_protocol::{Code, Hello, feature};
use vibesync_scene::{MAX_WIRE_EPOCHS, Role, SessionId};

use crate::delivery::replicas::Replicas;
use crate::session::sessions::Sessions;

/// The result for a client that may not connect.
pub(crate) struct Rejection {
    pub code: Code,
    pub location: &'static str,
    pub message: String,
}

/// Returns the older connection of the same editor process that the new one replaces, if any.
pub(crate) fn check_hello(
    hello: &Hello,
    head_seq: u64,
    sessions: &Sessions,
    replicas: &Replicas,
) -> Result<Option<SessionId>, Rejection> {
    let epochs = hello.epochs.as_ref().map_or(0, Vec::len);
    if epochs > MAX_WIRE_EPOCHS {
        return Err(Rejection {
            code: Code::MessageMalformed,
            location: "hello.epochs",
            message: format!("{epochs} epochs are more than {MAX_WIRE_EPOCHS}"),
        });
    }
    if hello.features.len() > feature::MOST {
        return Err(Rejection {
            code: Code::MessageMalformed,
            location: "hello.features",
            message: format!("more than {} features", feature::MOST),
        });
    }
    if hello.agent.is_some() && hello.role != Role::Agent {
        return Err(Rejection {
            code: Code::MessageMalformed,
            location: "hello.agent",
            message: "only the role agent has it".into(),
        });
    }
    let can_diverge = hello.role.is_editor() && hello.epochs.is_some();
    if hello.last_seq > head_seq && !can_diverge {
        let message = format!(
            "the editor has seen sequence {}, the log ends at {head_seq}",
            hello.last_seq
        );
        return Err(Rejection {
            code: Code::SequenceAhead,
            location: "hello.last_seq",
            message,
        });
    }
    let Some(replica) = replicas.get(hello.role) else {
        return Ok(None);
    };
    let older = sessions.get(replica.session);
    if older.is_some_and(|older| older.instance != hello.instance_id) {
        let role = hello.role.as_str();
        return Err(Rejection {
            code: Code::RoleTaken,
            location: "hello.role",
            message: format!("another {role} is connected to this project"),
        });
    }
    Ok(Some(replica.session))
}
