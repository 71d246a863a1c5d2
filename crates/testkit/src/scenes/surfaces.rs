//! Materials, maps and images.

use std::collections::BTreeMap;

use vibesync_scene::{
    AlphaMode, AlphaUse, Channel, ColorSpace, Components, Emission, EntityKind, Filter, Image,
    ImageFormat, Maps, Pbr, TextureMap, Uuid, Wrap,
};

use super::Artist;

/// Width and height of images.
const PIXELS: u32 = 4;

impl Artist {
    pub(super) fn material(&mut self, images: &[Uuid]) -> Uuid {
        let [red, green, blue]: [f64; 3] = self.vector(0.0, 1.0);
        let alpha_mode = match self.random.up_to(4) {
            0 => AlphaMode::Mask,
            1 => AlphaMode::Blend,
            _ => AlphaMode::Opaque,
        };
        let pbr = Pbr {
            base_color: [red, green, blue, self.between(0.1, 1.0)],
            metallic: self.random.one_of([0.0, 0.4, 1.0]),
            roughness: self.random.one_of([0.0, 0.25, 1.0]),
            alpha_mode,
            alpha_cutoff: self.between(0.1, 0.9),
            double_sided: self.random.once_in(2),
            normal_scale: self.between(0.5, 2.0),
            occlusion_strength: self.between(0.0, 1.0),
        };
        let emission = Emission {
            color: self.vector(0.0, 1.0),
            strength: self.random.one_of([0.0, 0.5, 20.0]),
        };
        let components = Components {
            pbr: Some(Box::new(pbr)),
            emission: Some(Box::new(emission)),
            maps: self.maps(images).map(Box::new),
            ..Components::default()
        };
        self.add(EntityKind::Material, "Material", components)
    }

    fn maps(&mut self, images: &[Uuid]) -> Option<Maps> {
        if images.is_empty() {
            return None;
        }
        let place = self.random.once_in(2);
        let mut map = |is_color: bool| {
            let image = self.maybe(images)?;
            Some(self.map(image, is_color, place))
        };
        Some(Maps {
            base_color: map(true),
            alpha: map(false),
            metallic: map(false),
            roughness: map(false),
            normal: map(true),
            occlusion: map(false),
            emission: map(true),
        })
    }

    fn map(&mut self, image: Uuid, is_color: bool, is_placed: bool) -> TextureMap {
        let channel = match is_color {
            true => Channel::Rgb,
            false => self
                .random
                .one_of([Channel::R, Channel::G, Channel::B, Channel::A]),
        };
        let (scale, bias) = match self.random.up_to(3) {
            0 if !is_color => (-1.0, 1.0),
            1 => (0.5, 0.0),
            _ => (1.0, 0.0),
        };
        let (offset, rotation, tile) = match is_placed {
            true => ([1.5, 2.5], 0.5, [2.0, 3.0]),
            false => ([0.0; 2], 0.0, [1.0; 2]),
        };
        TextureMap {
            image,
            channel,
            scale,
            bias,
            uv: u8::from(self.random.once_in(5)),
            offset,
            rotation,
            tile,
            wrap: [
                Wrap::Repeat,
                self.random
                    .one_of([Wrap::Repeat, Wrap::Clamp, Wrap::Mirror]),
            ],
            filter: self
                .random
                .one_of([Filter::Linear, Filter::Linear, Filter::Nearest]),
        }
    }

    pub(super) fn image(&mut self) -> Uuid {
        let has_alpha = self.random.once_in(2);
        let (color, samples) = match has_alpha {
            true => (png::ColorType::Rgba, 4),
            false => (png::ColorType::Rgb, 3),
        };
        let bytes = PIXELS as usize * PIXELS as usize * samples;
        let pixels: Vec<u8> = (0..bytes).map(|_| self.random.number() as u8).collect();
        let file = encoded(color, &pixels).unwrap_or_default();
        let buffers = BTreeMap::from([("file".to_owned(), self.store(file))]);
        let image = Image {
            width: PIXELS,
            height: PIXELS,
            color_space: self.random.one_of([ColorSpace::Srgb, ColorSpace::Data]),
            alpha: match has_alpha {
                true => AlphaUse::Straight,
                false => AlphaUse::None,
            },
            format: ImageFormat::Png,
            buffers,
        };
        let components = Components {
            image: Some(Box::new(image)),
            ..Components::default()
        };
        self.add(EntityKind::Image, "Image", components)
    }
}

fn encoded(color: png::ColorType, pixels: &[u8]) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, PIXELS, PIXELS);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(file)
}
