//! Objects above each other.

use std::collections::BTreeSet;

use uuid::Uuid;
use vibesync_scene::{EntityKind, Transform};

use super::file::File;
use super::matrix::Matrix;

impl File<'_> {
    /// Returns the matrix of an object in the world.
    pub fn world(&self, object: Uuid) -> Matrix {
        let transform = |uuid: &Uuid| {
            let object = self.entities.get(uuid);
            object
                .and_then(|it| it.components.transform)
                .unwrap_or(Transform::IDENTITY)
        };
        let above = self.lineage(object);
        above.iter().fold(Matrix::IDENTITY, |matrix, uuid| {
            Matrix::of(&transform(uuid)).after(&matrix)
        })
    }

    /// Returns the object above another one.
    fn above(&self, object: Uuid) -> Option<Uuid> {
        let parent = self.entities.get(&object)?.components.parent?.uuid?;
        let entity = self.entities.get(&parent)?;
        (entity.kind == EntityKind::Object).then_some(parent)
    }

    /// Returns an object and all objects above it, the lowest first.
    pub fn lineage(&self, object: Uuid) -> Vec<Uuid> {
        let lineage = std::iter::successors(Some(object), |uuid| self.above(*uuid));
        lineage.take(self.entities.len()).collect()
    }

    /// Returns objects with all objects above them.
    pub fn with_those_above(&self, objects: &BTreeSet<Uuid>) -> BTreeSet<Uuid> {
        let mut all = BTreeSet::new();
        for object in objects {
            let mut next = Some(*object);
            // Those above one that is there are there.
            while let Some(uuid) = next.filter(|uuid| all.insert(*uuid)) {
                next = self.above(uuid);
            }
        }
        all
    }
}
