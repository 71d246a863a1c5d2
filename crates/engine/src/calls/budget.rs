//! The budget of calls: how many one agent may begin in a minute, and how many may be under way.

use vibesync_scene::{AgentName, Code, Invalid};

use crate::agents::per_minute::PerMinute;

/// Calls of one agent in a minute.
pub(crate) const CALLS_A_MINUTE: usize = 60;
/// Calls of one agent that have not ended.
pub(crate) const UNDER_WAY: usize = 4;

/// Checks the budget. `under_way`: calls of this agent that have not ended.
pub(crate) fn check(
    begun: &PerMinute,
    agent: &AgentName,
    under_way: usize,
    now: u64,
) -> Result<(), Invalid> {
    let refuse = |message: String| {
        let location = "calls".to_owned();
        Err(Invalid::new(Code::BudgetUsedUp, location, message))
    };
    if under_way >= UNDER_WAY {
        return refuse(format!(
            "{under_way} calls of this agent are under way; wait for one"
        ));
    }
    begun.check(agent, now).or_else(|wait| {
        refuse(format!(
            "{CALLS_A_MINUTE} calls within a minute; try again in {wait} ms"
        ))
    })
}
