//! The rules of each component's values: when they are valid, when they are equal, and what a missing one means.

use crate::code::Code;
use crate::component::{
    Buffer, DataRef, Guard, Mesh, Nodes, Parent, RenderVisibility, Transform, Visibility,
};
use crate::component_table::COMPONENT_KINDS;
use crate::invalid::Invalid;
use crate::locks::Locks;
use crate::mesh::check_layout;
use crate::numbers::{nearly_equal, rotations_equal, values_equal};
use crate::reference::{Reference, Target};

/// Largest number in a transform: a million kilometers. Larger ones are mistakes, and too coarse in float32.
pub(crate) const LARGEST: f64 = 1e9;

/// Longest name, in characters.
const LONGEST_NAME: usize = 255;

/// The rules of a component's values. The table makes the compiler ask for them.
pub(crate) trait ComponentValue: Sized {
    /// Checks a value by itself, without a scene. `name` is the component's; locations begin with it.
    fn check(&self, name: &str) -> Result<(), Invalid>;

    /// Whether both values are equal, as `docs/protocol.md` says.
    fn equals(&self, other: &Self) -> bool;

    /// Returns the value that an entity without this component has; none if it must have the component.
    fn absent() -> Option<Self> {
        None
    }

    /// Lists the entities that the value names.
    fn references(&self) -> impl Iterator<Item = Reference> {
        std::iter::empty()
    }

    /// Lists the buffers with their names.
    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        std::iter::empty()
    }

    /// Lists the buffers to be changed.
    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        std::iter::empty()
    }
}

impl ComponentValue for String {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let refuse = |message: &str| Err(Invalid::new(Code::ComponentInvalid, name, message));
        if self.is_empty() {
            return refuse("a name must not be empty");
        }
        if self.chars().count() > LONGEST_NAME {
            return refuse("a name has at most 255 characters");
        }
        if self.chars().any(char::is_control) {
            return refuse("a name must not hold control characters");
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }
}

impl ComponentValue for Transform {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_numbers(name, "translation", &self.translation)?;
        check_rotation(name, self.rotation)?;
        check_numbers(name, "scale", &self.scale)
    }

    fn equals(&self, other: &Self) -> bool {
        let all_equal = |a: [f64; 3], b| a.iter().zip(b).all(|(x, y)| nearly_equal(*x, y));
        all_equal(self.translation, other.translation)
            && rotations_equal(self.rotation, other.rotation)
            && all_equal(self.scale, other.scale)
    }
}

pub(crate) fn check_numbers(component: &str, field: &str, values: &[f64]) -> Result<(), Invalid> {
    check_range(&format!("{component}.{field}"), values, -LARGEST, LARGEST)
}

/// Checks that the field `rotation` of a component is a unit quaternion.
pub(crate) fn check_rotation(component: &str, rotation: [f64; 4]) -> Result<(), Invalid> {
    check_numbers(component, "rotation", &rotation)?;
    let length = rotation.iter().map(|c| c * c).sum::<f64>().sqrt();
    if (length - 1.0).abs() <= 1e-3 {
        return Ok(());
    }
    let message = format!("the quaternion's length is {length:.4}, not 1");
    let location = format!("{component}.rotation");
    Err(Invalid::new(Code::NumberInvalid, location, message))
}

/// Checks that all numbers of a field are finite and in this range. The location of a fault in a list has its index.
pub(crate) fn check_range(
    location: &str,
    values: &[f64],
    least: f64,
    most: f64,
) -> Result<(), Invalid> {
    let is_good = |value: &f64| (least..=most).contains(value);
    let Some(i) = values.iter().position(|value| !is_good(value)) else {
        return Ok(());
    };
    let location = match values {
        [_] => location.to_owned(),
        _ => format!("{location}[{i}]"),
    };
    let message = format!("the number must be from {least:.9} to {most:e}");
    Err(Invalid::new(Code::NumberInvalid, location, message))
}

/// The rules of components of which each value is valid, and which are compared exactly.
macro_rules! plain {
    ($type:ty, $absent:expr $(, $target:ident in $field:literal)?) => {
        impl ComponentValue for $type {
            fn check(&self, _name: &str) -> Result<(), Invalid> {
                Ok(())
            }

            fn equals(&self, other: &Self) -> bool {
                self == other
            }

            fn absent() -> Option<Self> {
                $absent
            }

            $(
                fn references(&self) -> impl Iterator<Item = Reference> {
                    let reference = |uuid| Reference::new(uuid, Target::$target, $field);
                    self.uuid.map(reference).into_iter()
                }
            )?
        }
    };
}
plain!(Visibility, None);
plain!(RenderVisibility, Some(Self { visible: true }));
plain!(Parent, None, Object in "parent.uuid");
plain!(DataRef, None, Data in "data.uuid");
plain!(Guard, Some(Self::default()));

/// A large value lies elsewhere, so that those which lack it stay small.
impl<T: ComponentValue> ComponentValue for Box<T> {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        (**self).check(name)
    }

    fn equals(&self, other: &Self) -> bool {
        (**self).equals(other)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        (**self).references()
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        (**self).buffers()
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        (**self).buffers_mut()
    }
}

impl ComponentValue for Mesh {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_layout(self, name)
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn buffers(&self) -> impl Iterator<Item = (&str, &Buffer)> {
        self.buffers.iter().map(|(name, it)| (name.as_str(), it))
    }

    fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.buffers.values_mut()
    }
}

impl ComponentValue for Nodes {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        match self.graph.as_ref().is_some_and(|graph| !graph.is_object()) {
            true => {
                let message = "a graph is an object of JSON, or null";
                let location = format!("{name}.graph");
                Err(Invalid::new(Code::ComponentInvalid, location, message))
            }
            false => Ok(()),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        match (&self.graph, &other.graph) {
            (Some(a), Some(b)) => values_equal(a, b),
            (None, None) => true,
            _ => false,
        }
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl ComponentValue for Locks {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let can_lock = |component: &str, field: &str| {
            let kind = COMPONENT_KINDS.iter().find(|kind| kind.name == component);
            let mut fields = kind.iter().flat_map(|kind| kind.fields);
            fields.any(|it| it.name == field && it.can_lock)
        };
        match self
            .all()
            .find(|(component, field)| !can_lock(component, field))
        {
            Some((component, field)) => {
                let message = format!("no editor can lock `{component}.{field}`");
                Err(Invalid::new(Code::ComponentInvalid, name, message))
            }
            None => Ok(()),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}
