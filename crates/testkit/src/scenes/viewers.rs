//! Lights and cameras.

use vibesync_scene::{
    AreaShape, Camera, Components, EntityKind, Light, LightType, Projection, SensorFit, Uuid,
};

use super::Artist;

impl Artist {
    pub(super) fn light(&mut self) -> Uuid {
        use LightType::{Area, Point, Spot, Sun};
        let kind = self
            .random
            .one_of([Point, Spot, Sun, Point, Spot, Sun, Area]);
        let outer = self.between(0.1, 1.5);
        let light = Light {
            kind,
            color: self.vector(0.0, 1.5),
            intensity: self.between(1.0, 10_000.0),
            range: self.random.once_in(2).then_some(20.0),
            inner: outer * self.between(0.0, 1.0),
            outer,
            shape: AreaShape::Rect,
            size: [1.0, 2.0],
            radius: self.random.one_of([0.0, 0.1]),
            angle: 0.0,
            shadow: true,
            temperature: None,
            tint: [1.0; 3],
        };
        let components = Components {
            light: Some(Box::new(light)),
            ..Components::default()
        };
        self.add(EntityKind::Light, "Light", components)
    }

    pub(super) fn camera(&mut self) -> Uuid {
        use SensorFit::{Auto, Fill, Horizontal, Overscan, Vertical};
        let projection = match self.random.once_in(3) {
            true => Projection::Orthographic,
            false => Projection::Perspective,
        };
        let camera = Camera {
            projection,
            fit: self
                .random
                .one_of([Auto, Horizontal, Vertical, Fill, Overscan]),
            sensor: self.vector(10.0, 40.0),
            focal: self.between(10.0, 200.0),
            size: self.between(0.5, 20.0),
            shift: [0.0; 2],
            near: self.between(0.01, 1.0),
            far: self.between(2.0, 1_000.0),
            aspect: self.between(0.4, 2.5),
            physical: true,
            focus: 0.0,
            fstop: 2.8,
        };
        let components = Components {
            camera: Some(Box::new(camera)),
            ..Components::default()
        };
        self.add(EntityKind::Camera, "Camera", components)
    }
}
