//! Cameras: what a view takes in, independent of the size of its picture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::component_value::{ComponentValue, check_range};
use crate::invalid::Invalid;
use crate::numbers::nearly_equal;

/// Largest length. A number above it is a mistake, and too coarse in float32.
const LARGEST: f64 = 1e9;

/// The projection of a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// Through a lens.
    Perspective,
    /// Along parallel lines.
    Orthographic,
}

/// The side of the picture that the sensor of a camera is fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SensorFit {
    /// The longer side of the picture.
    Auto,
    /// Its width.
    Horizontal,
    /// Its height.
    Vertical,
    /// The sensor fills the picture.
    Fill,
    /// The sensor has all of the picture.
    Overscan,
    /// The sensor is stretched to the picture.
    None,
}

/// A camera that looks along -Z of the object that shows it, with +Y up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// The projection.
    pub projection: Projection,
    /// The side of the picture that the sensor is fitted to.
    pub fit: SensorFit,
    /// Width and height of the sensor, millimeters.
    pub sensor: [f64; 2],
    /// Focal length, millimeters.
    pub focal: f64,
    /// Full size of an orthographic view along the fitted side, meters.
    pub size: f64,
    /// Shift of the lens in parts of the fitted side, right and up.
    pub shift: [f64; 2],
    /// Distance of the near plane, meters.
    pub near: f64,
    /// Distance of the far plane, meters.
    pub far: f64,
    /// Width of the picture divided by its height, as last used. No editor's camera owns it, so it is not compared.
    pub aspect: f64,
    /// Whether the editor shows a lens and a sensor instead of an angle.
    pub physical: bool,
    /// Distance in focus, meters; 0: not set.
    pub focus: f64,
    /// The f-number.
    pub fstop: f64,
}

impl ComponentValue for Camera {
    fn check(&self, name: &str) -> Result<(), Invalid> {
        let at = |field: &str| format!("{name}.{field}");
        let lengths = [
            ("focal", self.focal),
            ("size", self.size),
            ("far", self.far),
            ("aspect", self.aspect),
            ("focus", self.focus),
            ("fstop", self.fstop),
        ];
        check_range(&at("sensor"), &self.sensor, 0.0, LARGEST)?;
        check_range(&at("shift"), &self.shift, -LARGEST, LARGEST)?;
        // An orthographic view may begin behind the camera.
        check_range(&at("near"), &[self.near], -LARGEST, LARGEST)?;
        for (field, value) in lengths {
            check_range(&at(field), &[value], 0.0, LARGEST)?;
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        let numbers = |it: &Self| {
            let Self { sensor, shift, .. } = it;
            let lengths = [it.focal, it.size, it.near, it.far, it.focus, it.fstop];
            [sensor.as_slice(), shift, &lengths].concat()
        };
        self.projection == other.projection
            && self.fit == other.fit
            && self.physical == other.physical
            && numbers(self)
                .iter()
                .zip(numbers(other))
                .all(|(a, b)| nearly_equal(*a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Code;

    type Edit = fn(&mut Camera);

    fn camera() -> Camera {
        Camera {
            projection: Projection::Perspective,
            fit: SensorFit::Auto,
            sensor: [36.0, 24.0],
            focal: 50.0,
            size: 6.0,
            shift: [0.1, -0.2],
            near: 0.1,
            far: 1000.0,
            aspect: 16.0 / 9.0,
            physical: true,
            focus: 0.0,
            fstop: 2.8,
        }
    }

    #[test]
    fn cameras_are_equal_but_for_the_aspect_of_the_picture() {
        let whole = camera();
        let portrait = Camera {
            aspect: 9.0 / 16.0,
            ..camera()
        };
        assert!(whole.equals(&portrait));
        let changes: [Edit; 11] = [
            |it| it.projection = Projection::Orthographic,
            |it| it.fit = SensorFit::Vertical,
            |it| it.sensor[1] = 20.0,
            |it| it.focal = 35.0,
            |it| it.size = 7.0,
            |it| it.shift[0] = 0.2,
            |it| it.near = 0.2,
            |it| it.far = 100.0,
            |it| it.physical = false,
            |it| it.focus = 3.0,
            |it| it.fstop = 4.0,
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut changed = camera();
            change(&mut changed);
            assert!(!whole.equals(&changed), "{i}");
        }
    }

    #[test]
    fn values_that_no_camera_has_are_refused() {
        assert!(camera().check("camera").is_ok());
        let faults: [(Edit, &str); 4] = [
            (|it| it.focal = -1.0, "camera.focal"),
            (|it| it.sensor[1] = f64::NAN, "camera.sensor[1]"),
            (|it| it.shift[0] = f64::INFINITY, "camera.shift[0]"),
            (|it| it.far = -1.0, "camera.far"),
        ];
        for (change, location) in faults {
            let mut wrong = camera();
            change(&mut wrong);
            let error = wrong.check("camera").unwrap_err();
            assert_eq!(
                (error.code, &*error.location),
                (Code::NumberInvalid, location)
            );
        }
    }
}
