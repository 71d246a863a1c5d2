//! Answers the agent's questions: about the scene by the daemon, about the past from the project's files.

use vibesync_mcp::{
    CallRequest, Called, ChangeRequest, Daemon, Diff, DiffRequest, Fault, HistoryLine,
    HistoryRequest, LogLine, LogRequest, Page, Plan, Progress, UndoPlan, UndoRequest, Wait,
};
use vibesync_protocol::{
    Capability, QueryResult, Question, RestoreRequest, SelectAnswer, SelectRequest, Status,
    ViewAnswer, ViewRequest,
};
use vibesync_scene::{Code, OperationId, Uuid};

use super::link::Link;
use super::visible::Visible;
use super::{records, states};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_list::ProjectList;

/// Most projects that an answer names.
const MAX_LISTED: usize = 5;

/// The daemon of a project, and the project's files.
pub(super) struct ProjectDaemon {
    project: Project,
    link: Link,
}

impl ProjectDaemon {
    pub fn new(project: Project, link: Link) -> Self {
        Self { project, link }
    }

    /// Returns the last durable record. Fails if no daemon runs: then the files may end with an interrupted write.
    fn head(&self) -> Result<u64, Fault> {
        match self.ask(Question::Changes { since: u64::MAX })? {
            QueryResult::Changes { seq, .. } => Ok(seq),
            _ => Ok(0),
        }
    }

    /// Returns those of these entities that the agent may be told of.
    fn visible(&self, uuids: Vec<Uuid>) -> Result<Vec<Uuid>, Error> {
        let question = Question::Visible { uuids };
        let answer = self.link.ask(question)?;
        match answer {
            QueryResult::Visible { uuids, .. } => Ok(uuids),
            // Another answer tells nothing, so nothing is shown.
            _ => Ok(Vec::new()),
        }
    }

    /// Returns the command that starts the daemon. Names the user's projects if no daemon has ever served this folder: the
    /// client may have started the server in any folder.
    fn how_to_start(&self, error: &Error) -> String {
        let root = self.project.root();
        let mut help = error.help().to_owned();
        help.push_str(&format!(
            " The command for this project: vibesync run --project {root:?}"
        ));
        let is_new = matches!(self.project.id(), Ok(None));
        let listed = ProjectList::of_user().and_then(|list| list.read());
        let listed = listed.unwrap_or_default();
        if is_new && !listed.is_empty() {
            let roots = listed.iter().take(MAX_LISTED).map(|it| format!("{it:?}"));
            let roots = roots.collect::<Vec<_>>().join(", ");
            help.push_str(&format!(
                ". No daemon has served this folder; for another project, start `vibesync mcp` with --project and one \
                 of: {roots}"
            ));
        }
        help
    }

    fn fault(&self, error: &Error) -> Fault {
        let fault = Fault::new(error.code, &*error.location, &*error.message);
        match error.code {
            Code::NoDaemon => fault.with_help(self.how_to_start(error)),
            _ => fault.with_help(error.help()),
        }
    }
}

impl Daemon for ProjectDaemon {
    fn change(&self, request: &ChangeRequest, wait: &Wait) -> Result<Progress, Fault> {
        let progress = self.link.change(request, wait);
        progress.map_err(|error| self.fault(&error))
    }

    fn plan(&self, request: &ChangeRequest) -> Result<Plan, Fault> {
        let plan = self.link.plan(request);
        plan.map_err(|error| self.fault(&error))
    }

    fn restore(
        &self,
        request: &RestoreRequest,
        wait: &Wait,
    ) -> Result<(Option<Plan>, Option<Progress>), Fault> {
        let restored = self.link.restore(request, wait);
        restored.map_err(|error| self.fault(&error))
    }

    fn undo(
        &self,
        request: &UndoRequest,
        wait: &Wait,
    ) -> Result<(Option<UndoPlan>, Option<Progress>), Fault> {
        let undone = self.link.undo(request, wait);
        undone.map_err(|error| self.fault(&error))
    }

    fn operation(&self, id: OperationId, wait: &Wait) -> Result<Option<Progress>, Fault> {
        let progress = self.link.operation(id, wait);
        progress.map_err(|error| self.fault(&error))
    }

    fn capabilities(&self) -> Result<Vec<Capability>, Fault> {
        let addons = self.link.capabilities();
        addons.map_err(|error| self.fault(&error))
    }

    fn capability_changes(&self) -> u64 {
        self.link.capability_changes()
    }

    fn call(&self, request: &CallRequest, wait: &Wait) -> Result<Called, Fault> {
        let called = self.link.call(request, wait);
        called.map_err(|error| self.fault(&error))
    }

    fn view(&self, request: &ViewRequest, wait: &Wait) -> Result<ViewAnswer, Fault> {
        let answer = self.link.view(request, wait);
        answer.map_err(|error| self.fault(&error))
    }

    fn select(&self, request: &SelectRequest, wait: &Wait) -> Result<SelectAnswer, Fault> {
        let answer = self.link.select(request, wait);
        answer.map_err(|error| self.fault(&error))
    }

    fn status(&self) -> Result<Status, Fault> {
        let status = self.link.status();
        status.map_err(|error| self.fault(&error))
    }

    fn ask(&self, question: Question) -> Result<QueryResult, Fault> {
        let answer = self.link.ask(question);
        answer.map_err(|error| self.fault(&error))
    }

    fn log(&self, request: &LogRequest) -> Result<Page<LogLine>, Fault> {
        let ask = |uuids| self.visible(uuids);
        let visible = &mut Visible::new(&ask);
        let lines = records::log(&self.project.wal(), self.head()?, request, visible);
        lines.map_err(|error| self.fault(&error))
    }

    fn history(&self, request: &HistoryRequest) -> Result<Page<HistoryLine>, Fault> {
        let ask = |uuids| self.visible(uuids);
        let visible = &mut Visible::new(&ask);
        let lines = records::history(&self.project.wal(), self.head()?, request, visible);
        lines.map_err(|error| self.fault(&error))
    }

    fn diff(&self, request: &DiffRequest) -> Result<Diff, Fault> {
        // The past can be read without a daemon. An agent that is turned off may not read it.
        match self.head() {
            Err(fault) if fault.code == Code::ScopeNotGranted => return Err(fault),
            _ => {}
        }
        let ask = |uuids| self.visible(uuids);
        let visible = &mut Visible::new(&ask);
        let diff = states::diff(&self.project.audit(), request, visible);
        diff.map_err(|error| self.fault(&error))
    }
}
