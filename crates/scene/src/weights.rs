//! Vertex groups: how far each vertex of a mesh belongs to named groups. Joints of the same names move them. [`check_weights`](crate::check_weights) reads the bytes.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::component::Buffer;
use crate::component_value::ComponentValue;
use crate::invalid::Invalid;
use crate::text::find_bad_address;

/// Most groups of a mesh: as many as an armature has joints.
const MOST_GROUPS: usize = 4_096;

/// Name of the buffer with the group of each membership.
pub(crate) const GROUP: &str = "group";

/// Name of the buffer with the first membership of each vertex, and the number of all at the end.
pub(crate) const OFFSET: &str = "offset";

/// Name of the buffer with the vertex of each corner.
pub(crate) const VERTEX: &str = "vertex";

/// Name of the buffer with the weight of each membership.
pub(crate) const WEIGHT: &str = "weight";

/// The vertex groups of a mesh. A vertex belongs to some of them, each with a weight. The component has vertices of its
/// own, so that editors may share those of the mesh in their own way: only what each corner gets counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Number of vertices of this component.
    pub vertex_count: u32,
    /// Number of corners of the mesh.
    pub corner_count: u32,
    /// The names of the groups, in the order in which editors list them.
    pub groups: Vec<String>,
    /// Buffers by name: `vertex`, `offset`, `group` and `weight`; none without groups.
    pub buffers: BTreeMap<String, Buffer>,
}

impl Weights {
    fn check_groups(&self, name: &str) -> Result<(), Invalid> {
        let fail = |i: usize, message: &str| {
            let location = format!("{name}.groups[{i}]");
            Err(Invalid::new(Code::ComponentInvalid, location, message))
        };
        if self.groups.len() > MOST_GROUPS {
            return fail(MOST_GROUPS, "there are too many groups");
        }
        let mut seen = BTreeSet::new();
        for (i, group) in self.groups.iter().enumerate() {
            if let Some(message) = find_bad_address(group) {
                return fail(i, message);
            }
            if !seen.insert(group) {
                return fail(i, "two groups have the same name");
            }
        }
        Ok(())
    }

    fn check_buffers(&self, name: &str) -> Result<(), Invalid> {
        let is_empty = self.groups.is_empty();
        if is_empty && (self.vertex_count, self.corner_count) != (0, 0) {
            return refuse(name, "groups", "a mesh without groups has no counts");
        }
        let wanted: &[&str] = match is_empty {
            true => &[],
            false => &[GROUP, OFFSET, VERTEX, WEIGHT],
        };
        if !self.buffers.keys().eq(wanted) {
            let message =
                "weights have the buffers `vertex`, `offset`, `group` and `weight`, no groups none";
            return refuse(name, "buffers", message);
        }
        let memberships = self.buffers.get(GROUP).map_or(0, |it| it.bytes) / 4 * 4;
        for (buffer, it) in &self.buffers {
            let expected = match buffer.as_str() {
                OFFSET => 4 * (u64::from(self.vertex_count) + 1),
                VERTEX => 4 * u64::from(self.corner_count),
                _ => memberships,
            };
            if it.bytes != expected {
                let message = format!("{} bytes where the counts ask for {expected}", it.bytes);
                return refuse(name, &format!("buffers.{buffer}"), &message);
            }
        }
        Ok(())
    }
}

pub(crate) fn refuse(name: &str, at: &str, message: &str) -> Result<(), Invalid> {
    let location = format!("{name}.{at}");
    Err(Invalid::new(Code::MeshInvalid, location, message))
}

impl ComponentValue for Weights {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        self.check_groups(name)?;
        self.check_buffers(name)
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        self.buffers.iter().map(|(name, it)| (name.as_str(), it))
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.buffers.values_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::BlobId;

    /// Two groups of a triangle, with three memberships.
    fn two() -> Weights {
        let mut weights = Weights {
            vertex_count: 3,
            corner_count: 3,
            groups: vec!["Arm".into(), "Hand".into()],
            buffers: BTreeMap::new(),
        };
        for (name, bytes) in [(GROUP, 12), (OFFSET, 16), (VERTEX, 12), (WEIGHT, 12)] {
            set_bytes(&mut weights, name, bytes);
        }
        weights
    }

    fn set_bytes(weights: &mut Weights, name: &str, bytes: u64) {
        let buffer = Buffer::stored(BlobId::hash(b""), bytes);
        weights.buffers.insert(name.to_owned(), buffer);
    }

    #[test]
    fn faults_of_vertex_groups_are_named() {
        type Edit = fn(&mut Weights);
        let faults: [(Edit, &str); 11] = [
            (|it| it.groups[1] = "Arm".into(), "groups[1]"),
            (|it| it.groups[0] = String::new(), "groups[0]"),
            (|it| it.groups[0] = "\u{e9}".repeat(32), "groups[0]"),
            (|it| it.groups[0] = "a\n".into(), "groups[0]"),
            (|it| it.groups.clear(), "groups"),
            (|it| it.vertex_count = 4, "buffers.offset"),
            (|it| it.vertex_count = u32::MAX, "buffers.offset"),
            (|it| it.corner_count = 6, "buffers.vertex"),
            (|it| set_bytes(it, WEIGHT, 8), "buffers.weight"),
            (|it| set_bytes(it, GROUP, 13), "buffers.group"),
            (|it| it.buffers.clear(), "buffers"),
        ];
        assert_eq!(two().check("weights"), Ok(()));
        assert_eq!(Weights::default().check("weights"), Ok(()));
        for (fault, location) in faults {
            let mut weights = two();
            fault(&mut weights);
            let error = weights.check("weights").unwrap_err();
            assert_eq!(error.location, format!("weights.{location}"));
        }
    }

    #[test]
    fn number_of_vertex_groups_is_limited() {
        let mut weights = two();
        weights.groups = (0..=MOST_GROUPS).map(|i| i.to_string()).collect();
        let error = weights.check("weights").unwrap_err();
        assert_eq!(error.location, "weights.groups[4096]");
        weights.groups.pop();
        assert_eq!(weights.check("weights"), Ok(()));
    }
}
