//! The events of agents, drawn at random.

use vibesync_scene::{AgentMode, Remember, Role};

use super::super::draw::{OBJECTS, edit, role};
use crate::fakes::edit::Edit;
use crate::random::Random;

/// Number of agents that stay connected.
pub const AGENTS: u8 = 2;

/// One event. The first number is that of the agent, if there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentEvent {
    /// The agent sends an intent about the scene as of that many records ago.
    Intend(u8, Edit, u8),
    /// The agent asks what an intent would do.
    DryRun(u8, Edit),
    /// The agent creates the most entities that need no question, or one more.
    Many(u8, bool),
    /// The agent sends its last message again, perhaps over another connection.
    Repeat(u8),
    /// The agent sends other changes under the id of an intent that waits.
    Swap(u8, Edit),
    /// The agent restores the scene as of that many records ago.
    Restore(u8, u8),
    /// The agent asks a question.
    Query(u8, u8),
    /// The agent disconnects.
    Leave(u8),
    /// Somebody takes back the work of an agent.
    Revert(Asker, u8, Work),
    /// The agent calls the tool of an editor's add-on.
    Call(u8, Role, Arguments),
    /// The agent cancels its last call.
    Cancel(u8),
    /// The agent sends many intents, or many calls that it cancels.
    Burst(u8, bool),
    /// The editor goes on with its oldest call.
    Tool(Role, ToolStep, Edit),
    /// The files of the editor's add-on change.
    ChangeAddon(Role),
    /// Somebody answers one of the newest questions.
    Answer(Answerer, u8, bool, Remember),
    /// A person decides what an agent may do.
    SetMode(u8, AgentMode),
    /// A person allows the editor's add-on.
    Grant(Role),
    /// A person takes that back.
    Revoke(Role),
}

/// The sender of a request for undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker {
    /// An agent.
    Agent(u8),
    /// A person at the command line.
    Cli,
    /// A person at an editor.
    Editor(Role),
}

/// The work to take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// All after the record that many before the last.
    Since(u8),
    /// The newest operations, this many; an undo is one too.
    Newest(u8),
}

/// Arguments of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arguments {
    /// None.
    None,
    /// A short time limit.
    Short,
    /// An object by its uuid.
    Object(u8),
    /// The beginning of the names of kept objects.
    Secret,
    /// A value that the tool does not allow.
    Wrong,
    /// None; the call is only checked.
    DryRun,
}

/// The next step of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolStep {
    /// It says that it runs.
    Run,
    /// It changes the scene and ends.
    ChangeAndEnd,
    /// It changes the scene.
    Change,
    /// It ends.
    End,
    /// It fails and has changed nothing.
    Fail,
    /// It goes on after its return.
    Defer,
    /// Its answer names another tool.
    Confuse,
}

/// The sender of an answer to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answerer {
    /// A person at an editor.
    Editor(Role),
    /// A person at the command line.
    Cli,
    /// An agent, which may not.
    Agent(u8),
}

fn agent(random: &mut Random) -> u8 {
    random.up_to(usize::from(AGENTS - 1)) as u8
}

/// Draws an intent; some of them are about the guard.
pub fn intend(random: &mut Random) -> AgentEvent {
    let edit = match random.once_in(16) {
        true => keep(random),
        false => edit(random),
    };
    let behind = if random.once_in(4) {
        random.up_to(12)
    } else {
        0
    };
    AgentEvent::Intend(agent(random), edit, behind as u8)
}

/// Draws a kind of message that is seldom sent.
pub fn odd(random: &mut Random) -> AgentEvent {
    let number = agent(random);
    match random.up_to(9) {
        0 => AgentEvent::DryRun(number, edit(random)),
        1 => AgentEvent::Many(number, random.once_in(2)),
        2..=3 => AgentEvent::Repeat(number),
        4 => AgentEvent::Swap(number, edit(random)),
        5 => AgentEvent::Restore(number, random.up_to(40) as u8),
        6 => AgentEvent::Leave(number),
        _ => AgentEvent::Query(number, random.number() as u8),
    }
}

/// Draws a request for undo. Most ask for an agent's own work.
pub fn revert(random: &mut Random) -> AgentEvent {
    let of = agent(random);
    let asker = match random.up_to(9) {
        0..=4 => Asker::Agent(of),
        5 => Asker::Agent(agent(random)),
        6..=7 => Asker::Cli,
        _ => Asker::Editor(role(random)),
    };
    let work = match random.once_in(2) {
        true => Work::Since(random.up_to(60) as u8),
        false => Work::Newest(1 + random.up_to(2) as u8),
    };
    AgentEvent::Revert(asker, of, work)
}

/// Draws a call.
pub fn call(random: &mut Random) -> AgentEvent {
    let arguments = match random.up_to(9) {
        0..=3 => Arguments::None,
        4 => Arguments::Short,
        5..=6 => Arguments::Object(random.up_to(OBJECTS) as u8),
        7 => Arguments::Secret,
        8 => Arguments::Wrong,
        _ => Arguments::DryRun,
    };
    AgentEvent::Call(agent(random), role(random), arguments)
}

/// Draws a repeated or cancelled call, or a change of an add-on.
pub fn odd_call(random: &mut Random) -> AgentEvent {
    match random.up_to(5) {
        0..=1 => AgentEvent::Repeat(agent(random)),
        2..=3 => AgentEvent::Cancel(agent(random)),
        4 => AgentEvent::ChangeAddon(role(random)),
        _ => AgentEvent::Revoke(role(random)),
    }
}

/// Draws a step of a tool.
pub fn tool(random: &mut Random) -> AgentEvent {
    let step = match random.up_to(11) {
        0..=1 => ToolStep::Run,
        2..=5 => ToolStep::ChangeAndEnd,
        6 => ToolStep::Change,
        7 => ToolStep::End,
        8..=9 => ToolStep::Fail,
        10 => ToolStep::Defer,
        _ => ToolStep::Confuse,
    };
    AgentEvent::Tool(role(random), step, edit(random))
}

/// Draws an answer to a question.
pub fn answer(random: &mut Random) -> AgentEvent {
    let by = match random.up_to(9) {
        0..=4 => Answerer::Editor(role(random)),
        5..=8 => Answerer::Cli,
        _ => Answerer::Agent(agent(random)),
    };
    let remember = random.one_of([
        Remember::Once,
        Remember::Once,
        Remember::Session,
        Remember::Project,
    ]);
    let pick = if random.once_in(3) {
        random.up_to(4)
    } else {
        0
    };
    AgentEvent::Answer(by, pick as u8, !random.once_in(3), remember)
}

/// Draws a decision about an agent.
pub fn set_mode(random: &mut Random) -> AgentEvent {
    let mode = random.one_of([
        AgentMode::Ask,
        AgentMode::Ask,
        AgentMode::Work,
        AgentMode::Work,
        AgentMode::Read,
        AgentMode::Off,
    ]);
    AgentEvent::SetMode(agent(random), mode)
}

/// Draws a permission of an add-on.
pub fn grant(random: &mut Random) -> AgentEvent {
    AgentEvent::Grant(role(random))
}

/// Draws many messages at once.
pub fn burst(random: &mut Random) -> AgentEvent {
    AgentEvent::Burst(agent(random), random.once_in(2))
}

/// Draws the decision of a person to keep an object from agents, or no longer.
pub fn keep(random: &mut Random) -> Edit {
    Edit::Keep(random.up_to(OBJECTS) as u8, !random.once_in(3))
}
