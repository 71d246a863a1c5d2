//! Comparison of two states that should be the same.

use vibesync_scene::Replay;

use super::violation::{Check, must};

/// Returns true if two states agree in everything that a client relies on.
pub fn same(found: &Replay, expected: &Replay, invariant: &'static str) -> Check {
    must(found.scene == expected.scene, invariant, || {
        let (found, expected) = (found.scene.rows(), expected.scene.rows());
        let mut pairs = found.zip(expected);
        format!("the scenes differ: {:?}", pairs.find(|(a, b)| a != b))
    })?;
    must(found.open == expected.open, invariant, || {
        let keys = |state: &Replay| state.open.keys().copied().collect::<Vec<_>>();
        format!("open are {:?} instead of {:?}", keys(found), keys(expected))
    })?;
    let operations = found.operations.iter().eq(expected.operations.iter());
    must(operations, invariant, || {
        "the operations that are remembered differ".to_owned()
    })?;
    must(found.agents == expected.agents, invariant, || {
        format!("{:?} instead of {:?}", found.agents, expected.agents)
    })?;
    must(found.grants == expected.grants, invariant, || {
        "the permissions of add-ons differ".to_owned()
    })?;
    must(found.calls == expected.calls, invariant, || {
        format!("{:?} instead of {:?}", found.calls, expected.calls)
    })?;
    let rest = |state: &Replay| {
        (
            state.last_seq,
            state.last_end_seq,
            state.project_id,
            state.is_clean_shutdown,
            state.epochs.as_slice().to_vec(),
        )
    };
    must(rest(found) == rest(expected), invariant, || {
        format!("{:?} instead of {:?}", rest(found), rest(expected))
    })
}
