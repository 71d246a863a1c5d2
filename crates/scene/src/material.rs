//! Materials by value: what a surface is made of, what it sends out, and where meshes and objects show it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::component_value::{ComponentValue, check_range};
use crate::invalid::Invalid;
use crate::mesh::MOST_SLOTS;
use crate::numbers::{nearly_equal, products_equal};
use crate::reference::{Reference, Target};

/// Largest channel, strength and scale. A number above it is a mistake, and too coarse in float32.
const LARGEST: f64 = 1e12;

/// The effect of the alpha of a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlphaMode {
    /// Nothing.
    Opaque,
    /// Hides the surface where it is below the cutoff.
    Mask,
    /// Mixes the surface with what is behind it.
    Blend,
}

/// The surface of a material: metallic and roughness as in glTF 2.0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pbr {
    /// Linear red, green, blue, not bounded by 1; alpha, 0 to 1.
    pub base_color: [f64; 4],
    /// 0: a dielectric; 1: a metal.
    pub metallic: f64,
    /// 0: a mirror; 1: rough.
    pub roughness: f64,
    /// The effect of alpha.
    pub alpha_mode: AlphaMode,
    /// The least alpha that a mask shows.
    pub alpha_cutoff: f64,
    /// Whether the back of a face is drawn.
    pub double_sided: bool,
    /// Strength of the normal map.
    pub normal_scale: f64,
    /// Strength of the occlusion map.
    pub occlusion_strength: f64,
}

impl ComponentValue for Pbr {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let at = |field: &str| format!("{name}.{field}");
        let [red, green, blue, alpha] = self.base_color;
        check_range(&at("base_color"), &[red, green, blue], 0.0, LARGEST)?;
        let parts = [
            ("base_color[3]", alpha),
            ("metallic", self.metallic),
            ("roughness", self.roughness),
            ("alpha_cutoff", self.alpha_cutoff),
            ("occlusion_strength", self.occlusion_strength),
        ];
        for (field, value) in parts {
            check_range(&at(field), &[value], 0.0, 1.0)?;
        }
        check_range(&at("normal_scale"), &[self.normal_scale], -LARGEST, LARGEST)
    }

    fn equals(&self, other: &Self) -> bool {
        let numbers = |it: &Self| {
            let [red, green, blue, alpha] = it.base_color;
            let scales = [it.alpha_cutoff, it.normal_scale, it.occlusion_strength];
            let [cutoff, normal, occlusion] = scales;
            let surface = [red, green, blue, alpha, it.metallic, it.roughness];
            surface.into_iter().chain([cutoff, normal, occlusion])
        };
        self.alpha_mode == other.alpha_mode
            && self.double_sided == other.double_sided
            && numbers(self)
                .zip(numbers(other))
                .all(|(a, b)| nearly_equal(a, b))
    }
}

/// The light that a surface sends out by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Emission {
    /// Linear red, green, blue.
    pub color: [f64; 3],
    /// Factor of the color; 1 is as bright as white paper under a light of pi lux.
    pub strength: f64,
}

impl ComponentValue for Emission {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        check_range(&format!("{name}.color"), &self.color, 0.0, LARGEST)?;
        check_range(&format!("{name}.strength"), &[self.strength], 0.0, LARGEST)
    }

    /// Compares what the surface sends out, not how color and strength share it.
    fn equals(&self, other: &Self) -> bool {
        products_equal((&self.color, self.strength), (&other.color, other.strength))
    }
}

/// The materials of a mesh by slot. A mesh without this component has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slots {
    /// The material of each slot; null: none.
    pub materials: Vec<Option<Uuid>>,
}

impl ComponentValue for Slots {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        match self.materials.len() > MOST_SLOTS {
            true => refuse(name, "materials", "there are too many"),
            false => Ok(()),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let slots = (0..).zip(&self.materials);
        slots.filter_map(|(slot, uuid)| {
            let field = "slots.materials";
            uuid.map(|uuid| Reference::in_slot(uuid, Target::Material, field, slot))
        })
    }
}

/// The materials that an object shows instead of those of its mesh. An object without this component shows those of the
/// mesh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Materials {
    /// The material by slot; null: none, whatever the mesh has there.
    pub own: BTreeMap<u32, Option<Uuid>>,
}

impl ComponentValue for Materials {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let last = self.own.last_key_value().map(|(slot, _)| *slot as usize);
        match last.is_some_and(|slot| slot >= MOST_SLOTS) {
            true => refuse(name, "own", "there is no such slot"),
            false => Ok(()),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        self == other
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        self.own.iter().filter_map(|(slot, uuid)| {
            let field = "materials.own";
            uuid.map(|uuid| Reference::in_slot(uuid, Target::Material, field, *slot))
        })
    }
}

fn refuse(component: &str, field: &str, message: &str) -> Result<(), Invalid> {
    let location = format!("{component}.{field}");
    Err(Invalid::new(Code::ComponentInvalid, location, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Edit = fn(&mut Pbr);

    fn surface() -> Pbr {
        Pbr {
            base_color: [0.8, 0.5, 0.18, 1.0],
            metallic: 0.0,
            roughness: 0.25,
            alpha_mode: AlphaMode::Opaque,
            alpha_cutoff: 0.5,
            double_sided: true,
            normal_scale: 1.0,
            occlusion_strength: 1.0,
        }
    }

    #[test]
    fn surfaces_are_equal_up_to_rounding_of_numbers() {
        let rounded = Pbr {
            base_color: surface().base_color.map(|it| f64::from(it as f32)),
            ..surface()
        };
        assert!(surface().equals(&rounded));
        let changes: [Edit; 9] = [
            |it| it.base_color[2] += 0.001,
            |it| it.base_color[3] -= 0.001,
            |it| it.metallic = 0.001,
            |it| it.roughness += 0.001,
            |it| it.alpha_mode = AlphaMode::Mask,
            |it| it.alpha_cutoff = 0.501,
            |it| it.double_sided = false,
            |it| it.normal_scale = 1.001,
            |it| it.occlusion_strength = 0.999,
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut changed = surface();
            change(&mut changed);
            assert!(!surface().equals(&changed), "{i}");
        }
    }

    #[test]
    fn values_that_no_surface_has_are_refused() {
        let bright = Pbr {
            base_color: [3.0, 0.0, 0.0, 1.0],
            ..surface()
        };
        assert!(surface().check("pbr").is_ok() && bright.check("pbr").is_ok());
        let faults: [(Edit, &str); 7] = [
            (|it| it.base_color[1] = -0.1, "pbr.base_color[1]"),
            (|it| it.base_color[3] = 1.1, "pbr.base_color[3]"),
            (|it| it.metallic = -0.1, "pbr.metallic"),
            (|it| it.roughness = f64::NAN, "pbr.roughness"),
            (|it| it.alpha_cutoff = 2.0, "pbr.alpha_cutoff"),
            (|it| it.occlusion_strength = 1.5, "pbr.occlusion_strength"),
            (|it| it.normal_scale = f64::INFINITY, "pbr.normal_scale"),
        ];
        for (change, location) in faults {
            let mut wrong = surface();
            change(&mut wrong);
            let error = wrong.check("pbr").unwrap_err();
            assert_eq!(
                (error.code, &*error.location),
                (Code::NumberInvalid, location)
            );
        }
    }

    #[test]
    fn emissions_are_equal_if_they_send_out_the_same() {
        let glow = |color, strength| Emission { color, strength };
        let whole = glow([0.5, 0.25, 0.0], 4.0);
        assert!(whole.equals(&glow([1.0, 0.5, 0.0], 2.0)));
        assert!(!whole.equals(&glow([0.5, 0.25, 0.0], 4.001)));
        assert!(!whole.equals(&glow([0.5, 0.25, 0.001], 4.0)));
        assert!(glow([1.0, 1.0, 1.0], 0.0).equals(&glow([0.0; 3], 5.0)));
        assert!(whole.check("emission").is_ok());
        let error = glow([0.0; 3], -1.0).check("emission").unwrap_err();
        assert_eq!(error.location, "emission.strength");
        let error = glow([0.0, -1.0, 0.0], 1.0).check("emission").unwrap_err();
        assert_eq!(error.location, "emission.color[1]");
    }

    #[test]
    fn slots_beyond_the_last_are_refused() {
        let slots = |count| Slots {
            materials: vec![None; count],
        };
        assert!(slots(MOST_SLOTS).check("slots").is_ok());
        let error = slots(MOST_SLOTS + 1).check("slots").unwrap_err();
        assert_eq!(error.location, "slots.materials");
        let own = |slot| Materials {
            own: BTreeMap::from([(slot, None)]),
        };
        assert!(own(32_766).check("materials").is_ok());
        let error = own(32_767).check("materials").unwrap_err();
        assert_eq!(error.location, "materials.own");
    }
}
