//! Recipes: where the channels of a texture come from. A texture of glTF has fixed channels, a map of the scene reads any
//! channel with a scale and a bias.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_scene::{Channel, ColorSpace, TextureMap};

use super::picture::Picture;

/// The source of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Nobody reads it.
    Any,
    /// The largest value.
    Full,
    /// A channel of an image.
    Read {
        image: Uuid,
        channel: usize,
        /// Bits of the factor and of the addend: so recipes have an order.
        scale: u64,
        bias: u64,
    },
}

/// The sources of red, green, blue and alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Recipe {
    pub sources: [Source; 4],
    /// Whether the first three are stored with the transfer function of sRGB.
    pub is_color: bool,
}

impl Source {
    /// Reads what a map reads, for the channel `channel` of a color or the only one of a value.
    pub fn of(map: &TextureMap, channel: usize, scale: f64) -> Self {
        let channel = match map.channel {
            Channel::Rgb => channel,
            Channel::R => 0,
            Channel::G => 1,
            Channel::B => 2,
            Channel::A => 3,
        };
        Self::Read {
            image: map.image,
            channel,
            scale: scale.to_bits(),
            bias: map.bias.to_bits(),
        }
    }
}

impl Recipe {
    /// The images that are read.
    pub fn images(&self) -> impl Iterator<Item = Uuid> {
        self.sources.iter().filter_map(|source| match source {
            Source::Read { image, .. } => Some(*image),
            Source::Any | Source::Full => None,
        })
    }

    /// Returns the image that is this texture already, byte for byte; `describe` gives the meaning of the numbers of an
    /// image, and whether it has opacity.
    pub fn same_as(&self, describe: impl Fn(Uuid) -> Option<(ColorSpace, bool)>) -> Option<Uuid> {
        let first = self.images().next()?;
        let (space, has_alpha) = describe(first)?;
        let is_color = space == ColorSpace::Srgb;
        let is_same = |at: usize, source: &Source| match *source {
            Source::Any => true,
            Source::Full => at == 3 && !has_alpha,
            Source::Read {
                image,
                channel,
                scale,
                bias,
            } => {
                let is_plain = f64::from_bits(scale) == 1.0 && f64::from_bits(bias) == 0.0;
                let has_space = at == 3 || is_color == self.is_color;
                image == first && channel == at && is_plain && has_space
            }
        };
        let mut sources = self.sources.iter().enumerate();
        sources
            .all(|(at, source)| is_same(at, source))
            .then_some(first)
    }

    /// Makes the texture of decoded images; none if they differ in size.
    pub fn pack(&self, pictures: &BTreeMap<Uuid, (Picture, ColorSpace)>) -> Option<Picture> {
        let mut all = pictures.values().map(|(picture, _)| picture);
        let (width, height) = all.next().map(|it| (it.width, it.height))?;
        if all.any(|it| (it.width, it.height) != (width, height)) {
            return None;
        }
        let mut pixels = vec![[0, 0, 0, 255]; width as usize * height as usize];
        for (at, source) in self.sources.iter().enumerate() {
            let table;
            let (from, channel) = match *source {
                Source::Any => continue,
                Source::Full => {
                    set(&mut pixels, at, std::iter::repeat(255));
                    continue;
                }
                Source::Read {
                    image,
                    channel,
                    scale,
                    bias,
                } => {
                    let (picture, space) = pictures.get(&image)?;
                    let is_encoded = channel < 3 && *space == ColorSpace::Srgb;
                    let encodes = at < 3 && self.is_color;
                    let line = (f64::from_bits(scale), f64::from_bits(bias));
                    table = values(is_encoded, line, encodes);
                    (picture, channel)
                }
            };
            let read = |pixel: &[u8; 4]| {
                let byte = pixel.get(channel).copied().unwrap_or_default();
                table.get(usize::from(byte)).copied().unwrap_or_default()
            };
            set(&mut pixels, at, from.pixels.iter().map(read));
        }
        Some(Picture {
            width,
            height,
            pixels,
        })
    }
}

fn set(pixels: &mut [[u8; 4]], channel: usize, values: impl Iterator<Item = u8>) {
    for (pixel, value) in pixels.iter_mut().zip(values) {
        if let Some(byte) = pixel.get_mut(channel) {
            *byte = value;
        }
    }
}

/// Returns the byte to write for each byte that is read.
fn values(is_encoded: bool, (scale, bias): (f64, f64), encodes: bool) -> Vec<u8> {
    let convert = |byte: u8| {
        let stored = f64::from(byte) / 255.0;
        let value = if is_encoded { linear(stored) } else { stored };
        let value = (bias + scale * value).clamp(0.0, 1.0);
        let value = if encodes { encoded(value) } else { value };
        (value * 255.0).round() as u8
    };
    (0..=255).map(convert).collect()
}

/// Removes the transfer function of sRGB.
fn linear(value: f64) -> f64 {
    match value <= 0.04045 {
        true => value / 12.92,
        false => ((value + 0.055) / 1.055).powf(2.4),
    }
}

/// Applies the transfer function of sRGB.
fn encoded(value: f64) -> f64 {
    match value <= 0.003_130_8 {
        true => value * 12.92,
        false => 1.055 * value.powf(1.0 / 2.4) - 0.055,
    }
}
