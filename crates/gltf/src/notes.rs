//! Notes: what a conversion left out or changed, by kind.

use std::collections::BTreeMap;
use std::fmt;

/// One kind of content that an export cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// An area light.
    AreaLight,
    /// The size and the shadow of a light.
    LightDetails,
    /// A camera whose numbers give no view.
    UnusableCamera,
    /// A lens that is shifted, or a distance in focus.
    CameraDetails,
    /// A mesh without triangles.
    EmptyMesh,
    /// The shape keys of an object with an evaluated mesh.
    ShapeKeys,
    /// The vertex groups of a mesh that no joint takes.
    VertexGroups,
    /// An object that something other than an armature deforms, or an armature of no size.
    Skin,
    /// A vertex that more joints move than are kept.
    Influences,
    /// An entity whose action moves values that nodes of glTF do not have, or for too many frames.
    Animation,
    /// An action that begins before frame 0.
    NegativeFrames,
    /// Normals without a length.
    ZeroNormals,
    /// Vertex colors outside of 0 to 1.
    VertexColors,
    /// A base color above 1.
    BrightBaseColor,
    /// A map whose image is in a format that glTF does not have, or is damaged.
    ImageFormat,
    /// A map that needs its image in another form, which could not be made.
    Repacking,
    /// Maps that must be one texture and lie in different places.
    MapPlaces,
    /// The nodes of a modifier.
    GeometryNodes,
    /// An instance of a collection that is not there as a whole.
    Instances,
    /// A datablock that no object shows, or an object that is not in the scene.
    Unused,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Note::AreaLight => "area lights have no form in glTF and are left out",
            Note::LightDetails => "the size and the shadow settings of lights are left out",
            Note::UnusableCamera => "cameras without a usable view are left out",
            Note::CameraDetails => "shift, focus and f-number of cameras are left out",
            Note::EmptyMesh => "meshes without triangles are left out",
            Note::ShapeKeys => {
                "shape keys below modifiers are left out; the mesh is the one that is seen"
            }
            Note::VertexGroups => "vertex groups that no joint takes are left out",
            Note::Skin => "skins whose armature is missing or has no size are left out; the mesh is not deformed",
            Note::Influences => "vertices go with the 32 joints that move them most",
            Note::Animation => {
                "animated visibility, lights, cameras and overlong actions are left out; values are those of one moment"
            }
            Note::NegativeFrames => "actions that begin before frame 0 begin at 0 instead",
            Note::ZeroNormals => "normals of length 0 point up instead",
            Note::VertexColors => "vertex colors are limited to 0 to 1",
            Note::BrightBaseColor => "base colors are limited to 1",
            Note::ImageFormat => "maps are left out: glTF has PNG and JPEG, intact",
            Note::Repacking => "maps are left out: their images cannot be packed as glTF wants",
            Note::MapPlaces => "maps are left out: glTF wants one place for both of a pair",
            Note::GeometryNodes => "geometry nodes are left out; the mesh is the one before them",
            Note::Instances => {
                "meshes with skins in instances of collections, and all beyond 100,000 nodes, are left out"
            }
            Note::Unused => {
                "data that no object shows, actions that nothing plays, and objects outside of the scene are left out"
            }
        })
    }
}

/// One kind of content that an import leaves out or changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportNote {
    /// An extension that the import does not know.
    Extension(String),
    /// An animation.
    Animation,
    /// A mesh that bones deform.
    Skin,
    /// The weights of morph targets that a node has of its own.
    MorphWeights,
    /// A primitive of points or lines.
    NoTriangles,
    /// Vertex attributes that meshes of the scene do not have.
    Attributes,
    /// A matrix that is not made of translation, rotation and scale.
    Shear,
    /// A map whose image is missing, damaged or in another format.
    ImageFormat,
    /// A map that needs a set of texture coordinates beyond the last.
    TextureSet,
    /// A camera without a far plane.
    EndlessView,
    /// A node outside of the scene that is imported.
    OtherScene,
}

impl fmt::Display for ImportNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImportNote::Extension(name) => {
                return write!(f, "the extension {name} is left out");
            }
            ImportNote::Animation => "animations are left out",
            ImportNote::Skin => "skins are left out; the mesh is the one before bones deform it",
            ImportNote::MorphWeights => "weights of morph targets are those of the mesh; others of a node are left out",
            ImportNote::NoTriangles => "points and lines are left out",
            ImportNote::Attributes => "vertex attributes that have no form here are left out",
            ImportNote::Shear => "sheared matrices become the nearest translation, rotation and scale",
            ImportNote::ImageFormat => "maps are left out: their images are no intact PNG, JPEG or WebP files",
            ImportNote::TextureSet => "maps are left out: they need more than 8 sets of texture coordinates",
            ImportNote::EndlessView => "cameras without a far plane see 1,000 times as far as their near plane, at least 1 km",
            ImportNote::OtherScene => "nodes outside of the scene that the file shows are left out",
        })
    }
}

/// The names of what each note concerns, in the order in which they were met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notes<N>(BTreeMap<N, Vec<String>>);

impl<N> Default for Notes<N> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<N: Ord> Notes<N> {
    /// Adds a name to a note.
    pub(crate) fn add(&mut self, note: N, name: &str) {
        self.0.entry(note).or_default().push(name.to_owned());
    }

    /// Does the same, unless the note has the name already as its last: for what each corner of a mesh may repeat.
    pub(crate) fn add_once(&mut self, note: N, name: &str) {
        let last = self.0.get(&note).and_then(|names| names.last());
        if last.is_none_or(|last| last != name) {
            self.add(note, name);
        }
    }

    /// Every note with its names.
    pub fn iter(&self) -> impl Iterator<Item = (&N, &[String])> {
        self.0.iter().map(|(note, names)| (note, names.as_slice()))
    }

    /// Whether nothing was left out or changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
