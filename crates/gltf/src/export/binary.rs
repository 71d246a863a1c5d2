//! The binary chunk of a file: one buffer, a view for each array or image, and an accessor for each array.

use std::collections::BTreeMap;

use gltf_json::accessor::{ComponentType, GenericComponentType, Type};
use gltf_json::buffer::{Target, View};
use gltf_json::mesh::Semantic;
use gltf_json::validation::{Checked, USize64};
use gltf_json::{Accessor, Buffer, Index, Root, Value};
use vibesync_scene::{Code, Invalid};

/// The accessors of the attributes of a primitive.
pub(super) type Attributes = BTreeMap<Checked<Semantic>, Index<Accessor>>;

/// The bytes of the chunk.
#[derive(Default)]
pub(super) struct Binary {
    bytes: Vec<u8>,
}

impl Binary {
    /// Adds bytes and a view of them.
    pub fn view(&mut self, root: &mut Root, bytes: &[u8], target: Option<Target>) -> Index<View> {
        let start = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(start, 0);
        self.bytes.extend_from_slice(bytes);
        root.push(View {
            buffer: Index::new(0),
            byte_length: bytes.len().into(),
            byte_offset: Some(start.into()),
            byte_stride: None,
            name: None,
            target: target.map(Checked::Valid),
            extensions: None,
            extras: None,
        })
    }

    /// Adds an array of vectors of float32, one a vertex.
    pub fn vectors<const N: usize>(
        &mut self,
        root: &mut Root,
        vectors: &[[f32; N]],
        has_bounds: bool,
    ) -> Index<Accessor> {
        let numbers = vectors.iter().flatten();
        let bytes: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        let view = self.view(root, &bytes, Some(Target::ArrayBuffer));
        let (min, max) = match has_bounds {
            true => (bound(vectors, f32::min), bound(vectors, f32::max)),
            false => (None, None),
        };
        let kind = match N {
            2 => Type::Vec2,
            3 => Type::Vec3,
            _ => Type::Vec4,
        };
        let mut accessor = accessor(Some(view), vectors.len(), ComponentType::F32, kind);
        (accessor.min, accessor.max) = (min, max);
        root.push(accessor)
    }

    /// Adds an array of the joints of each vertex.
    pub fn joints(&mut self, root: &mut Root, joints: &[[u16; 4]]) -> Index<Accessor> {
        let numbers = joints.iter().flatten();
        let bytes: Vec<u8> = numbers.flat_map(|it| it.to_le_bytes()).collect();
        let view = self.view(root, &bytes, Some(Target::ArrayBuffer));
        let kind = (ComponentType::U16, Type::Vec4);
        root.push(accessor(Some(view), joints.len(), kind.0, kind.1))
    }

    /// Adds an array of matrices, by column.
    pub fn matrices(&mut self, root: &mut Root, matrices: &[[f32; 16]]) -> Index<Accessor> {
        let numbers = matrices.iter().flatten();
        let bytes: Vec<u8> = numbers.flat_map(|it| it.to_le_bytes()).collect();
        // No vertex has them, so the view has no target.
        let view = self.view(root, &bytes, None);
        let kind = (ComponentType::F32, Type::Mat4);
        root.push(accessor(Some(view), matrices.len(), kind.0, kind.1))
    }

    /// Adds an array of values over time, or of times; each has so many numbers.
    pub fn numbers(
        &mut self,
        root: &mut Root,
        numbers: &[f32],
        (size, kind): (u8, Type),
        has_bounds: bool,
    ) -> Index<Accessor> {
        let bytes: Vec<u8> = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
        let view = self.view(root, &bytes, None);
        let count = numbers.len() / usize::from(size.max(1));
        let mut accessor = accessor(Some(view), count, ComponentType::F32, kind);
        let bounds = numbers.as_chunks::<1>().0;
        if has_bounds {
            (accessor.min, accessor.max) = (bound(bounds, f32::min), bound(bounds, f32::max));
        }
        root.push(accessor)
    }

    /// Adds an array of vertices, one a corner.
    pub fn indices(&mut self, root: &mut Root, indices: &[u32]) -> Index<Accessor> {
        let bytes: Vec<u8> = indices.iter().flat_map(|it| it.to_le_bytes()).collect();
        let view = self.view(root, &bytes, Some(Target::ElementArrayBuffer));
        let kind = (ComponentType::U32, Type::Scalar);
        root.push(accessor(Some(view), indices.len(), kind.0, kind.1))
    }

    /// Adds the buffer to the document, and returns the bytes of the chunk.
    pub fn finish(self, root: &mut Root) -> Result<Vec<u8>, Invalid> {
        if !self.bytes.is_empty() {
            root.push(Buffer {
                byte_length: self.bytes.len().into(),
                name: None,
                uri: None,
                extensions: None,
                extras: None,
            });
        }
        match u32::try_from(self.bytes.len()) {
            Ok(_) => Ok(self.bytes),
            Err(_) => {
                let message = "the scene has more than 4 GiB of bulk data";
                Err(Invalid::new(Code::FrameTooLong, "", message))
            }
        }
    }
}

fn accessor(
    view: Option<Index<View>>,
    count: usize,
    component: ComponentType,
    kind: Type,
) -> Accessor {
    Accessor {
        buffer_view: view,
        byte_offset: None,
        count: USize64::from(count),
        component_type: Checked::Valid(GenericComponentType(component)),
        extensions: None,
        extras: None,
        type_: Checked::Valid(kind),
        min: None,
        max: None,
        name: None,
        normalized: false,
        sparse: None,
    }
}

/// Returns the smallest or largest number of each component.
fn bound<const N: usize>(vectors: &[[f32; N]], choose: fn(f32, f32) -> f32) -> Option<Value> {
    let mut vectors = vectors.iter();
    let first = *vectors.next()?;
    let all = vectors.fold(first, |bound, vector| {
        let mut pairs = bound.into_iter().zip(vector);
        std::array::from_fn(|_| pairs.next().map_or(0.0, |(a, b)| choose(a, *b)))
    });
    Some(Value::from(all.to_vec()))
}
