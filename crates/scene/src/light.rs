//! Lights: what a lamp sends out, in physical units, and where it is seen.

use std::f64::consts::{FRAC_PI_2, TAU};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::component_value::{ComponentValue, check_range};
use crate::invalid::Invalid;
use crate::numbers::{nearly_equal, products_equal};

/// Largest intensity and length. A number above it is a mistake, and too coarse in float32.
const LARGEST: f64 = 1e12;

/// The form of a light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LightType {
    /// Shines in all directions from a small sphere.
    Point,
    /// Shines from infinity along -Z.
    Sun,
    /// Shines into a cone about -Z.
    Spot,
    /// Shines from a flat shape along -Z.
    Area,
}

/// The shape of an area light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AreaShape {
    /// A rectangle.
    Rect,
    /// An ellipse.
    Disk,
}

/// A light that shines along -Z of the object that shows it. Fields that do not concern its type are present, too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Light {
    /// Its form.
    #[serde(rename = "type")]
    pub kind: LightType,
    /// Linear red, green, blue as shown; a color temperature is included.
    pub color: [f64; 3],
    /// Candela (point, spot), lux (sun), lumen (area), of a color of 1.
    pub intensity: f64,
    /// Meters beyond which the editor may leave it out; none: not limited.
    pub range: Option<f64>,
    /// Half angle of the full cone of a spot, radians.
    pub inner: f64,
    /// Half angle of the whole cone of a spot, radians.
    pub outer: f64,
    /// Shape of an area light.
    pub shape: AreaShape,
    /// Width and height of an area light in meters, before the scale of its object.
    pub size: [f64; 2],
    /// Radius of the sphere of a point or spot light, meters.
    pub radius: f64,
    /// Apparent diameter of a sun, radians.
    pub angle: f64,
    /// Whether it casts shadows.
    pub shadow: bool,
    /// The color temperature that made the color, kelvin; none: the color was chosen.
    pub temperature: Option<f64>,
    /// The color that the one of the temperature was multiplied with.
    pub tint: [f64; 3],
}

impl ComponentValue for Light {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let at = |field: &str| format!("{name}.{field}");
        check_range(&at("color"), &self.color, 0.0, LARGEST)?;
        check_range(&at("intensity"), &[self.intensity], 0.0, LARGEST)?;
        check_range(&at("range"), self.range.as_slice(), 0.0, LARGEST)?;
        check_range(&at("inner"), &[self.inner], 0.0, FRAC_PI_2)?;
        check_range(&at("outer"), &[self.outer], 0.0, FRAC_PI_2)?;
        check_range(&at("size"), &self.size, 0.0, LARGEST)?;
        check_range(&at("radius"), &[self.radius], 0.0, LARGEST)?;
        check_range(&at("angle"), &[self.angle], 0.0, TAU)?;
        check_range(
            &at("temperature"),
            self.temperature.as_slice(),
            0.0,
            LARGEST,
        )?;
        check_range(&at("tint"), &self.tint, 0.0, LARGEST)?;
        if self.inner > self.outer && !nearly_equal(self.inner, self.outer) {
            let message = "the inner cone of a spot is not wider than the outer one";
            return Err(Invalid::new(Code::NumberInvalid, at("inner"), message));
        }
        Ok(())
    }

    /// Compares what the light sends out, not how color and intensity share it.
    fn equals(&self, other: &Self) -> bool {
        let same = |a: &[f64], b: &[f64]| {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| nearly_equal(*a, *b))
        };
        self.kind == other.kind
            && self.shape == other.shape
            && self.shadow == other.shadow
            && products_equal(
                (&self.color, self.intensity),
                (&other.color, other.intensity),
            )
            && same(self.range.as_slice(), other.range.as_slice())
            && same(&[self.inner, self.outer], &[other.inner, other.outer])
            && same(&self.size, &other.size)
            && same(&[self.radius, self.angle], &[other.radius, other.angle])
            && same(self.temperature.as_slice(), other.temperature.as_slice())
            && same(&self.tint, &other.tint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Edit = fn(&mut Light);

    fn lamp() -> Light {
        Light {
            kind: LightType::Spot,
            color: [1.0, 0.5, 0.25],
            intensity: 5435.1413,
            range: None,
            inner: 0.4,
            outer: 0.5,
            shape: AreaShape::Rect,
            size: [1.0, 1.0],
            radius: 0.1,
            angle: 0.00918,
            shadow: true,
            temperature: None,
            tint: [1.0; 3],
        }
    }

    #[test]
    fn lights_are_equal_if_they_send_out_the_same() {
        let whole = lamp();
        let other_split = Light {
            color: whole.color.map(|channel| channel * 0.5),
            intensity: whole.intensity * 2.0,
            ..lamp()
        };
        assert!(whole.equals(&other_split));
        let rounded = Light {
            intensity: f64::from(whole.intensity as f32),
            ..lamp()
        };
        assert!(whole.equals(&rounded));
        let changes: [Edit; 11] = [
            |it| it.kind = LightType::Point,
            |it| it.color[2] *= 1.001,
            |it| it.intensity *= 1.001,
            |it| it.range = Some(10.0),
            |it| it.inner -= 0.001,
            |it| it.shape = AreaShape::Disk,
            |it| it.size[1] = 1.001,
            |it| it.radius = 0.2,
            |it| it.shadow = false,
            |it| it.temperature = Some(3000.0),
            |it| it.tint[0] = 0.5,
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut changed = lamp();
            change(&mut changed);
            assert!(!whole.equals(&changed), "{i}");
        }
    }

    #[test]
    fn values_that_no_light_has_are_refused() {
        assert!(lamp().check("light").is_ok());
        let faults: [(Edit, &str); 6] = [
            (|it| it.intensity = -1.0, "light.intensity"),
            (|it| it.color[1] = f64::NAN, "light.color[1]"),
            (|it| it.outer = 2.0, "light.outer"),
            (|it| it.inner = 0.6, "light.inner"),
            (|it| it.range = Some(-1.0), "light.range"),
            (|it| it.size[0] = f64::INFINITY, "light.size[0]"),
        ];
        for (change, location) in faults {
            let mut wrong = lamp();
            change(&mut wrong);
            let error = wrong.check("light").unwrap_err();
            assert_eq!(
                (error.code, &*error.location),
                (Code::NumberInvalid, location)
            );
        }
    }
}
