//! Accessors: numbers in views, of any component type, with strides and sparse values. Nothing is copied.

use vibesync_scene::Invalid;

use super::buffers::{Buffers, View};
use super::place::Place;

/// The type of a component.
#[derive(Clone, Copy, PartialEq)]
enum Component {
    I8,
    U8,
    I16,
    U16,
    U32,
    F32,
}

impl Component {
    fn of(place: &Place<'_>) -> Result<Self, Invalid> {
        Ok(match place.count()? {
            Some(5120) => Self::I8,
            Some(5121) => Self::U8,
            Some(5122) => Self::I16,
            Some(5123) => Self::U16,
            Some(5125) => Self::U32,
            Some(5126) => Self::F32,
            _ => return Err(place.error("a component type of glTF is expected")),
        })
    }

    fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::U32 | Self::F32 => 4,
        }
    }

    /// Returns a number, and the largest of its type; none behind the end of the bytes.
    fn read(self, bytes: &[u8]) -> Option<(f64, f64)> {
        let number = match self {
            Self::I8 => i8::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U8 => u8::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::I16 => i16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U16 => u16::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::U32 => u32::from_le_bytes(*bytes.first_chunk()?).into(),
            Self::F32 => f32::from_le_bytes(*bytes.first_chunk()?).into(),
        };
        let largest = match self {
            Self::I8 => i8::MAX.into(),
            Self::U8 => u8::MAX.into(),
            Self::I16 => i16::MAX.into(),
            Self::U16 => u16::MAX.into(),
            Self::U32 => u32::MAX.into(),
            Self::F32 => 1.0,
        };
        Some((number, largest))
    }
}

/// Elements at a fixed distance, which all lie within the bytes.
#[derive(Clone, Copy)]
struct Elements<'a> {
    bytes: &'a [u8],
    stride: usize,
}

impl<'a> Elements<'a> {
    /// Checks that `count` elements of `size` bytes lie within a view.
    fn new(
        place: &Place<'_>,
        view: View<'a>,
        (count, size): (usize, usize),
    ) -> Result<Self, Invalid> {
        let start = place.field("byteOffset").count()?.unwrap_or(0);
        let stride = view.stride.unwrap_or(size);
        if stride < size {
            return Err(place.error(format!("elements of {size} bytes every {stride} bytes")));
        }
        let last = count.checked_sub(1).map(|last| last.checked_mul(stride));
        let length = match last {
            None => Some(0),
            Some(last) => last.and_then(|last| last.checked_add(size)),
        };
        let end = length.and_then(|length| length.checked_add(start));
        let bytes = end.and_then(|end| view.bytes.get(start..end));
        let bytes = bytes.ok_or_else(|| {
            let there = view.bytes.len();
            place.error(format!(
                "{count} elements of {size} bytes from {start} in a view of {there}"
            ))
        })?;
        Ok(Self { bytes, stride })
    }

    fn at(&self, index: usize) -> &'a [u8] {
        let start = index.checked_mul(self.stride);
        start
            .and_then(|start| self.bytes.get(start..))
            .unwrap_or_default()
    }
}

/// Elements that replace some of the others.
#[derive(Clone, Copy)]
struct Sparse<'a> {
    count: usize,
    component: Component,
    indices: Elements<'a>,
    values: Elements<'a>,
}

impl<'a> Sparse<'a> {
    fn new<'b: 'a>(
        (root, buffers): (&Place<'b>, &'a Buffers<'b>),
        place: &Place<'b>,
        (total, size): (usize, usize),
    ) -> Result<Self, Invalid> {
        let count = place.field("count").count()?.unwrap_or(0);
        let (indices, values) = (place.field("indices"), place.field("values"));
        let component = Component::of(&indices.field("componentType"))?;
        let view = |place: &Place<'b>| buffers.view(root, &place.field("bufferView"));
        let sparse = Self {
            count,
            component,
            indices: Elements::new(&indices, view(&indices)?, (count, component.size()))?,
            values: Elements::new(&values, view(&values)?, (count, size))?,
        };
        let mut next = 0;
        for i in 0..count {
            let index = sparse.index(i);
            if index < next || index >= total {
                return Err(indices.error("indices must ascend and be below the count"));
            }
            next = index + 1;
        }
        Ok(sparse)
    }

    fn index(&self, i: usize) -> usize {
        let number = self.component.read(self.indices.at(i));
        number.map_or(0, |(number, _)| number as usize)
    }

    /// Returns the bytes that replace an element.
    fn find(&self, index: usize) -> Option<&'a [u8]> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.index(middle).cmp(&index) {
                std::cmp::Ordering::Equal => return Some(self.values.at(middle)),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

/// A list of vectors or numbers. All of it lies within its views.
#[derive(Clone)]
pub(super) struct Accessor<'a> {
    pub count: usize,
    /// Number of components of an element.
    pub width: usize,
    component: Component,
    is_normalized: bool,
    elements: Option<Elements<'a>>,
    sparse: Option<Sparse<'a>>,
    path: String,
}

impl<'a> Accessor<'a> {
    pub fn new<'b: 'a>(
        root: &Place<'b>,
        buffers: &'a Buffers<'b>,
        place: &Place<'b>,
    ) -> Result<Self, Invalid> {
        let component = Component::of(&place.field("componentType"))?;
        let kind = place.field("type");
        let width = match kind.text()? {
            Some("SCALAR") => 1,
            Some("VEC2") => 2,
            Some("VEC3") => 3,
            Some("VEC4") => 4,
            _ => return Err(kind.error("a number or a vector is expected")),
        };
        let count = place.field("count").count()?;
        let count = count.filter(|count| u32::try_from(*count).is_ok());
        let count = count.ok_or_else(|| place.error("a count of 32 bits is expected"))?;
        let size = component.size() * width;
        let view = place.field("bufferView");
        let elements = match view.is_present() {
            true => {
                let view = buffers.view(root, &view)?;
                Some(Elements::new(place, view, (count, size))?)
            }
            false => None,
        };
        let sparse = place.field("sparse");
        let sparse = match sparse.is_present() {
            true => Some(Sparse::new((root, buffers), &sparse, (count, size))?),
            false => None,
        };
        Ok(Self {
            count,
            width,
            component,
            is_normalized: place.field("normalized").is_true()?,
            elements,
            sparse,
            path: place.path().to_owned(),
        })
    }

    /// Whether its numbers are whole and from 0, as indices are.
    pub fn is_unsigned(&self) -> bool {
        use Component::{U8, U16, U32};
        matches!(self.component, U8 | U16 | U32) && !self.is_normalized
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the element at an index below the count, as an index of a vertex.
    pub fn index(&self, at: usize) -> u32 {
        let bytes = self.bytes(at);
        let number = bytes.and_then(|bytes| self.component.read(bytes));
        number.map_or(0, |(number, _)| number as u32)
    }

    /// Returns the vector at an index below the count; components that it does not have are `rest`.
    pub fn vector<const N: usize>(&self, at: usize, rest: f32) -> [f32; N] {
        let bytes = self.bytes(at);
        std::array::from_fn(|i| {
            if i >= self.width {
                return rest;
            }
            let bytes = bytes.and_then(|bytes| bytes.get(i * self.component.size()..));
            let number = bytes.and_then(|bytes| self.component.read(bytes));
            let (number, largest) = number.unwrap_or((0.0, 1.0));
            let number = match self.is_normalized && self.component != Component::F32 {
                true => (number / largest).max(-1.0),
                false => number,
            };
            // So that -0 is 0.
            number as f32 + 0.0
        })
    }

    fn bytes(&self, at: usize) -> Option<&'a [u8]> {
        let replaced = self.sparse.as_ref().and_then(|sparse| sparse.find(at));
        replaced.or_else(|| Some(self.elements.as_ref()?.at(at)))
    }
}
