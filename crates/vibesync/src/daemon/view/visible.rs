//! The scene as a client may see it: an agent is not told of what people keep from agents.

use vibesync_scene::{KeptEntities, Role, Row, Scene, Uuid};

/// A scene without the entities that are kept from the asker.
pub(super) struct VisibleScene<'a> {
    pub scene: &'a Scene,
    /// None if nothing is kept from the asker.
    kept: Option<KeptEntities<'a>>,
}

impl<'a> VisibleScene<'a> {
    pub fn new(scene: &'a Scene, asker: Role) -> Self {
        let kept = (asker == Role::Agent).then(|| KeptEntities::new(scene));
        let kept = kept.filter(|kept| !kept.is_empty());
        Self { scene, kept }
    }

    /// Whether the asker may be told of all entities.
    pub fn is_whole(&self) -> bool {
        self.kept.is_none()
    }

    /// Whether the asker may be told of this entity. True for an unknown one.
    pub fn has(&self, uuid: Uuid) -> bool {
        (self.kept.as_ref()).is_none_or(|kept| !kept.contains(uuid))
    }

    /// The row of an entity unless it is deleted or kept.
    pub fn live(&self, uuid: Uuid) -> Option<&'a Row> {
        let row = self.scene.row(uuid).filter(|row| !row.tombstone);
        row.filter(|_| self.has(uuid))
    }

    /// The objects directly below one.
    pub fn children(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> {
        self.scene.children(uuid).filter(|it| self.has(*it))
    }

    /// The objects that show this data.
    pub fn users(&self, uuid: Uuid) -> impl Iterator<Item = Uuid> {
        self.scene.users(uuid).filter(|it| self.has(*it))
    }
}
