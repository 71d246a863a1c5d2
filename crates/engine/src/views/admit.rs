//! The decision on a request: it is admitted, or refused with the reason. A decision changes nothing.

use vibesync_protocol::{MAX_SELECTED, PICTURE_SIDE};
use vibesync_scene::{
    AgentScope, Code, EntityKind, Invalid, KeptEntities, Role, Scene, SessionId, Uuid,
};

use super::state::{MAX_WAITING, Request, Views, Wish};
use crate::agents::access::Access;

/// Time after which a busy editor may have room, milliseconds.
const RETRY_MS: u64 = 1_000;

/// The state that the decision depends on.
pub(crate) struct Admission<'a> {
    pub scene: &'a Scene,
    pub views: &'a Views,
    /// The rights of the agent; none for a person.
    pub access: Option<Access<'a>>,
    /// The session of the editor; none if it is not connected.
    pub editor: Option<SessionId>,
    /// Whether the editor draws its viewport and selects for others.
    pub is_able: bool,
    pub now: u64,
}

impl Admission<'_> {
    /// Decides on a request.
    pub fn decide(&self, request: &Request) -> Result<(), Invalid> {
        check_form(request)?;
        if self.views.contains(request.id) {
            let message = "a request with this id is under way";
            return Err(refusal(Code::OperationReused, "request_id", message));
        }
        if let Some(access) = &self.access {
            check_scope(access, &request.wish)?;
        }
        let (field, uuids) = request.wish.objects();
        for (i, uuid) in uuids.iter().enumerate() {
            self.check_object(*uuid)
                .map_err(|(code, message)| refusal(code, &format!("{field}[{i}]"), message))?;
        }
        if self.access.is_some() && matches!(request.wish, Wish::View { .. }) {
            check_kept(self.scene, request.editor)?;
        }
        self.check_editor(request.editor)?;
        self.check_budget(&request.wish)
    }

    fn check_object(&self, uuid: Uuid) -> Result<(), (Code, &'static str)> {
        if self.access.is_some() && KeptEntities::new(self.scene).contains(uuid) {
            return Err((Code::KeptForPeople, "people keep this from agents"));
        }
        let row = self.scene.row(uuid);
        match row.filter(|row| row.entity.kind == EntityKind::Object) {
            Some(row) if row.tombstone => Err((Code::Tombstoned, "this object is deleted")),
            Some(_) => Ok(()),
            None => Err((Code::UuidUnknown, "there is no such object")),
        }
    }

    fn check_editor(&self, editor: Role) -> Result<(), Invalid> {
        let name = editor.as_str();
        if self.editor.is_none() {
            return Err(unable(format!("{name} is not connected")));
        }
        if !self.is_able {
            return Err(unable(format!(
                "this version of VibeSync in {name} can neither show its viewport nor select"
            )));
        }
        match self.views.count(editor) > MAX_WAITING {
            true => Err(unable(format!(
                "{MAX_WAITING} requests wait for {name} already; try again in {RETRY_MS} ms"
            ))),
            false => Ok(()),
        }
    }

    fn check_budget(&self, wish: &Wish) -> Result<(), Invalid> {
        let Some(access) = &self.access else {
            return Ok(());
        };
        let (budget, what) = match wish {
            Wish::View { .. } => (&self.views.pictures, "pictures"),
            Wish::Select { .. } => (&self.views.selections, "selections"),
        };
        budget.check(access.agent, self.now).map_err(|wait| {
            let message = format!("too many {what} within a minute; try again in {wait} ms");
            Invalid::new(Code::BudgetUsedUp, "", message)
        })
    }
}

fn refusal(code: Code, location: &str, message: &str) -> Invalid {
    Invalid::new(code, location, message)
}

fn unable(message: String) -> Invalid {
    Invalid::new(Code::EditorUnable, "editor", message)
}

fn check_form(request: &Request) -> Result<(), Invalid> {
    let malformed = |field: &str, message: String| {
        Err(Invalid::new(
            Code::MessageMalformed,
            field.to_owned(),
            message,
        ))
    };
    if !request.editor.is_editor() {
        return malformed("editor", "must be blender or unity".to_owned());
    }
    let (field, uuids) = request.wish.objects();
    if uuids.len() > MAX_SELECTED {
        return malformed(field, format!("more than {MAX_SELECTED} objects"));
    }
    let (least, most) = PICTURE_SIDE;
    match request.wish {
        Wish::View { size, .. } if !(least..=most).contains(&size) => {
            malformed("size", format!("must be {least} to {most}"))
        }
        _ => Ok(()),
    }
}

fn check_scope(access: &Access<'_>, wish: &Wish) -> Result<(), Invalid> {
    let (scope, message) = match wish {
        Wish::View { .. } => (AgentScope::View, "may not look at the viewport"),
        Wish::Select { .. } => (
            AgentScope::Ui,
            "may not select; a person has to let it work first",
        ),
    };
    match access.scopes().contains(&scope) {
        true => Ok(()),
        false => {
            let message = format!("{} {message}", access.agent);
            Err(refusal(Code::ScopeNotGranted, "agent", &message))
        }
    }
}

/// Checks that nothing which people keep from agents is shown in this editor. The error does not say what.
pub(crate) fn check_kept(scene: &Scene, editor: Role) -> Result<(), Invalid> {
    let kept = KeptEntities::new(scene).live_objects();
    match kept.into_iter().any(|uuid| is_shown(scene, uuid, editor)) {
        true => {
            let message = "something that people keep from agents is visible";
            Err(refusal(Code::KeptForPeople, "", message))
        }
        false => Ok(()),
    }
}

/// Returns true if an editor shows this object. In Unity a hidden object hides all below it; in Blender it does not.
fn is_shown(scene: &Scene, uuid: Uuid, editor: Role) -> bool {
    let mut next = Some(uuid);
    // A scene without cycles has no longer line; a damaged one must not keep the caller.
    for _ in 0..scene.len() {
        let Some(entity) = next.and_then(|uuid| scene.live(uuid)) else {
            break;
        };
        if entity.components.visibility.is_some_and(|it| !it.visible) {
            return false;
        }
        let parent = entity.components.parent.and_then(|parent| parent.uuid);
        next = parent.filter(|_| editor == Role::Unity);
    }
    true
}
