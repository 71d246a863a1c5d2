//! Lights and cameras.

use std::f64::consts::FRAC_PI_4;

use uuid::Uuid;
use vibesync_scene::{
    AreaShape, Camera, Components, EntityKind, Invalid, Light, LightType, Projection, SensorFit,
};

use super::extension;
use super::place::Place;
use super::work::{Work, name};
use crate::notes::ImportNote;

/// Height and width of the sensor of imported cameras, millimeters: those of a photo of 35 mm.
const SENSOR: [f64; 2] = [36.0, 24.0];

/// Far plane of a camera without one: this many times its near plane, but not nearer than a kilometer.
const ENDLESS: f64 = 1_000.0;

impl<'a> Work<'a, '_> {
    /// Returns the light whose index is at a place; none if nothing is there.
    pub fn light(&mut self, reference: &Place<'a>) -> Result<Option<Uuid>, Invalid> {
        let lights = self.root.extension(extension::LIGHTS);
        let Some((index, place)) = reference.named(&lights, "lights")? else {
            return Ok(None);
        };
        if let Some(known) = self.known.lights.get(&index) {
            return Ok(Some(*known));
        }
        let components = Components {
            name: Some(name(&place, "Light")?),
            light: Some(Box::new(light(&place)?)),
            ..Components::default()
        };
        let uuid = self.add(EntityKind::Light, components, &place)?;
        self.known.lights.insert(index, uuid);
        Ok(Some(uuid))
    }

    /// Returns the camera whose index is at a place; none if nothing is there.
    pub fn camera(&mut self, reference: &Place<'a>) -> Result<Option<Uuid>, Invalid> {
        let Some((index, place)) = reference.named(&self.root, "cameras")? else {
            return Ok(None);
        };
        if let Some(known) = self.known.cameras.get(&index) {
            return Ok(Some(*known));
        }
        let title = name(&place, "Camera")?;
        let kind = place.field("type");
        let (camera, is_endless) = match kind.text()? {
            Some("perspective") => perspective(&place.field("perspective"))?,
            Some("orthographic") => (orthographic(&place.field("orthographic"))?, false),
            _ => return Err(kind.error("a type of camera is expected")),
        };
        if is_endless {
            self.note(ImportNote::EndlessView, &title);
        }
        let components = Components {
            name: Some(title),
            camera: Some(Box::new(camera)),
            ..Components::default()
        };
        let uuid = self.add(EntityKind::Camera, components, &place)?;
        self.known.cameras.insert(index, uuid);
        Ok(Some(uuid))
    }
}

fn light(place: &Place<'_>) -> Result<Light, Invalid> {
    let kind = place.field("type");
    let spot = place.field("spot");
    let angle = |name: &str| spot.field(name).number();
    Ok(Light {
        kind: match kind.text()? {
            Some("point") => LightType::Point,
            Some("directional") => LightType::Sun,
            Some("spot") => LightType::Spot,
            _ => return Err(kind.error("a type of light is expected")),
        },
        color: place.field("color").numbers()?.unwrap_or([1.0; 3]),
        intensity: place.field("intensity").number()?.unwrap_or(1.0),
        range: place.field("range").number()?,
        inner: angle("innerConeAngle")?.unwrap_or(0.0),
        outer: angle("outerConeAngle")?.unwrap_or(FRAC_PI_4),
        shape: AreaShape::Rect,
        size: [1.0; 2],
        radius: 0.0,
        angle: 0.0,
        shadow: true,
        temperature: None,
        tint: [1.0; 3],
    })
}

/// Returns a number that a camera must have, above 0.
fn size(place: &Place<'_>, name: &str) -> Result<f64, Invalid> {
    let place = place.field(name);
    let number = place.number()?.filter(|number| *number > 0.0);
    number.ok_or_else(|| place.error("a number above 0 is expected"))
}

/// Returns a camera of an angle, and whether it sees without end.
fn perspective(place: &Place<'_>) -> Result<(Camera, bool), Invalid> {
    let angle = size(place, "yfov")?;
    let (near, far) = (size(place, "znear")?, place.field("zfar").number()?);
    let tangent = (angle / 2.0).tan();
    if angle >= std::f64::consts::PI || tangent <= 0.0 {
        let place = place.field("yfov");
        return Err(place.error("an angle below half a turn is expected"));
    }
    let aspect = match place.field("aspectRatio").is_present() {
        true => size(place, "aspectRatio")?,
        false => 16.0 / 9.0,
    };
    let [_, high] = SENSOR;
    let camera = Camera {
        focal: high / 2.0 / tangent,
        far: far.unwrap_or(ENDLESS * near.max(1.0)),
        ..camera(Projection::Perspective, near, aspect)
    };
    Ok((camera, far.is_none()))
}

fn orthographic(place: &Place<'_>) -> Result<Camera, Invalid> {
    let (wide, high) = (size(place, "xmag")?, size(place, "ymag")?);
    let near = place.field("znear").number()?.unwrap_or(0.0);
    Ok(Camera {
        size: 2.0 * high,
        far: size(place, "zfar")?,
        ..camera(Projection::Orthographic, near, wide / high)
    })
}

/// Fits the height of the picture: that is the side of which glTF has the angle.
fn camera(projection: Projection, near: f64, aspect: f64) -> Camera {
    Camera {
        projection,
        fit: SensorFit::Vertical,
        sensor: SENSOR,
        focal: 50.0,
        size: 6.0,
        shift: [0.0; 2],
        near,
        far: ENDLESS,
        aspect,
        physical: false,
        focus: 0.0,
        fstop: 2.8,
    }
}
