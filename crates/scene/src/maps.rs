//! The maps of a material: which channel of which image gives a value of its surface, and where.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::Code;
use crate::component_value::{ComponentValue, check_range};
use crate::invalid::Invalid;
use crate::numbers::nearly_equal;
use crate::reference::{Reference, Target};

/// Largest factor and distance. A number above it is a mistake, and too coarse in float32.
const LARGEST: f64 = 1e9;

/// Last set of UV coordinates of a mesh.
const LAST_UV: u8 = 7;

/// The channels of an image that a map reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Red, green and blue: a color or a normal.
    Rgb,
    /// Red.
    R,
    /// Green.
    G,
    /// Blue.
    B,
    /// Alpha.
    A,
}

/// The ways to go on beyond the edges of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Wrap {
    /// The image again.
    Repeat,
    /// The pixels of the edge.
    Clamp,
    /// The image again, mirrored each second time.
    Mirror,
}

/// The ways to find a value between two pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// From the pixels around it.
    Linear,
    /// From the nearest pixel.
    Nearest,
}

/// One map. Its value is `bias + scale * sample`; it is sampled at `offset + R(rotation) * (tile * uv)`, with V up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TextureMap {
    /// The image.
    pub image: Uuid,
    /// The channels that are read.
    pub channel: Channel,
    /// Factor of the sample.
    pub scale: f64,
    /// Added to the scaled sample.
    pub bias: f64,
    /// The set of UV coordinates.
    pub uv: u8,
    /// Shift of the UV coordinates.
    pub offset: [f64; 2],
    /// Turn of the UV coordinates about their origin, radians.
    pub rotation: f64,
    /// Factor of the UV coordinates.
    pub tile: [f64; 2],
    /// The way to go on beyond the edges along U and V.
    pub wrap: [Wrap; 2],
    /// The way to find a value between two pixels.
    pub filter: Filter,
}

impl TextureMap {
    fn check(&self, at: &str, has_colors: bool) -> Result<(), Invalid> {
        if (self.channel == Channel::Rgb) != has_colors {
            let message = match has_colors {
                true => "it reads the channels `rgb`",
                false => "it reads one channel: `r`, `g`, `b` or `a`",
            };
            let location = format!("{at}.channel");
            return Err(Invalid::new(Code::ComponentInvalid, location, message));
        }
        if self.uv > LAST_UV {
            let (location, message) = (format!("{at}.uv"), "a mesh has the UV sets 0 to 7");
            return Err(Invalid::new(Code::ComponentInvalid, location, message));
        }
        let numbers: [(&str, &[f64]); 5] = [
            ("scale", &[self.scale]),
            ("bias", &[self.bias]),
            ("offset", &self.offset),
            ("rotation", &[self.rotation]),
            ("tile", &self.tile),
        ];
        for (field, values) in numbers {
            check_range(&format!("{at}.{field}"), values, -LARGEST, LARGEST)?;
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        let names = |it: &Self| (it.image, it.channel, it.uv, it.wrap, it.filter);
        let numbers = |it: &Self| {
            let ([x, y], [u, v]) = (it.offset, it.tile);
            [it.scale, it.bias, x, y, it.rotation, u, v]
        };
        let mut pairs = numbers(self).into_iter().zip(numbers(other));
        names(self) == names(other) && pairs.all(|(a, b)| nearly_equal(a, b))
    }
}

/// The maps of a material. A value with a map is the map's; a color with a map is multiplied by it. A material without
/// this component has no maps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Maps {
    /// Multiplies the base color.
    pub base_color: Option<TextureMap>,
    /// Replaces the alpha of the base color.
    pub alpha: Option<TextureMap>,
    /// Replaces the metallic value.
    pub metallic: Option<TextureMap>,
    /// Replaces the roughness.
    pub roughness: Option<TextureMap>,
    /// The normal in tangent space, +Y up: each channel is half the coordinate plus a half.
    pub normal: Option<TextureMap>,
    /// The part of the ambient light that arrives.
    pub occlusion: Option<TextureMap>,
    /// Multiplies the color that is sent out.
    pub emission: Option<TextureMap>,
}

impl Maps {
    /// Returns the number of maps.
    pub fn count(&self) -> usize {
        self.all()
            .iter()
            .filter(|(_, _, map)| map.is_some())
            .count()
    }

    /// Lists the maps: the field, whether its map has colors, and the map.
    fn all(&self) -> [(&'static str, bool, Option<&TextureMap>); 7] {
        [
            ("maps.base_color", true, self.base_color.as_ref()),
            ("maps.alpha", false, self.alpha.as_ref()),
            ("maps.metallic", false, self.metallic.as_ref()),
            ("maps.roughness", false, self.roughness.as_ref()),
            ("maps.normal", true, self.normal.as_ref()),
            ("maps.occlusion", false, self.occlusion.as_ref()),
            ("maps.emission", true, self.emission.as_ref()),
        ]
    }
}

impl ComponentValue for Maps {
    fn check(&self, _name: &str) -> Result<(), Invalid> {
        let maps = self.all().into_iter();
        let present = maps.filter_map(|(at, has_colors, map)| Some((at, has_colors, map?)));
        for (at, has_colors, map) in present {
            map.check(at, has_colors)?;
        }
        Ok(())
    }

    fn equals(&self, other: &Self) -> bool {
        let pairs = self.all().into_iter().zip(other.all());
        pairs
            .into_iter()
            .all(|((_, _, a), (_, _, b))| match (a, b) {
                (Some(a), Some(b)) => a.equals(b),
                (a, b) => a.is_none() && b.is_none(),
            })
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn references(&self) -> impl Iterator<Item = Reference> {
        let maps = self.all().into_iter();
        maps.filter_map(|(at, _, map)| Some(Reference::new(map?.image, Target::Image, at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Edit = fn(&mut TextureMap);

    fn sample(channel: Channel) -> TextureMap {
        TextureMap {
            image: Uuid::from_u128(7),
            channel,
            scale: 1.0,
            bias: 0.0,
            uv: 0,
            offset: [0.25, 0.5],
            rotation: 0.1,
            tile: [2.0, 3.0],
            wrap: [Wrap::Repeat, Wrap::Clamp],
            filter: Filter::Linear,
        }
    }

    fn colored(map: TextureMap) -> Maps {
        Maps {
            base_color: Some(map),
            ..Maps::default()
        }
    }

    #[test]
    fn maps_are_equal_up_to_rounding_of_numbers() {
        let maps = colored(sample(Channel::Rgb));
        let mut rounded = sample(Channel::Rgb);
        rounded.rotation = f64::from(rounded.rotation as f32);
        assert!(maps.equals(&colored(rounded)));
        assert!(!maps.equals(&Maps::default()) && !Maps::default().equals(&maps));
        let changes: [Edit; 10] = [
            |it| it.image = Uuid::from_u128(8),
            |it| it.channel = Channel::R,
            |it| it.scale = 1.001,
            |it| it.bias = 0.001,
            |it| it.uv = 1,
            |it| it.offset[1] = 0.501,
            |it| it.rotation = 0.101,
            |it| it.tile[0] = 2.001,
            |it| it.wrap[1] = Wrap::Mirror,
            |it| it.filter = Filter::Nearest,
        ];
        for (i, change) in changes.iter().enumerate() {
            let mut changed = sample(Channel::Rgb);
            change(&mut changed);
            assert!(!maps.equals(&colored(changed)), "{i}");
        }
    }

    #[test]
    fn values_that_no_map_has_are_refused() {
        let maps = colored(sample(Channel::Rgb));
        assert_eq!(maps.check("maps"), Ok(()));
        let faults: [(Edit, Code, &str); 7] = [
            (
                |it| it.channel = Channel::A,
                Code::ComponentInvalid,
                "channel",
            ),
            (|it| it.uv = 8, Code::ComponentInvalid, "uv"),
            (|it| it.scale = f64::NAN, Code::NumberInvalid, "scale"),
            (|it| it.bias = 1e10, Code::NumberInvalid, "bias"),
            (
                |it| it.offset[1] = f64::NAN,
                Code::NumberInvalid,
                "offset[1]",
            ),
            (|it| it.rotation = -1e10, Code::NumberInvalid, "rotation"),
            (
                |it| it.tile[0] = f64::INFINITY,
                Code::NumberInvalid,
                "tile[0]",
            ),
        ];
        for (change, code, field) in faults {
            let mut wrong = sample(Channel::Rgb);
            change(&mut wrong);
            let error = colored(wrong).check("maps").unwrap_err();
            let location = format!("maps.base_color.{field}");
            assert_eq!((error.code, error.location), (code, location));
        }
    }

    #[test]
    fn each_map_reads_colors_or_one_channel() {
        let with = |channel| Maps {
            base_color: None,
            alpha: Some(sample(channel)),
            metallic: Some(sample(channel)),
            roughness: Some(sample(channel)),
            normal: None,
            occlusion: Some(sample(channel)),
            emission: None,
        };
        for channel in [Channel::R, Channel::G, Channel::B, Channel::A] {
            assert_eq!(with(channel).check("maps"), Ok(()));
        }
        let error = with(Channel::Rgb).check("maps").unwrap_err();
        assert_eq!(error.location, "maps.alpha.channel");
        let normal = Maps {
            normal: Some(sample(Channel::G)),
            ..Maps::default()
        };
        let error = normal.check("maps").unwrap_err();
        assert_eq!(error.location, "maps.normal.channel");
    }

    #[test]
    fn every_map_names_its_image() {
        let map = |number, channel| {
            let image = Uuid::from_u128(number);
            Some(TextureMap {
                image,
                ..sample(channel)
            })
        };
        let maps = Maps {
            base_color: map(1, Channel::Rgb),
            alpha: map(2, Channel::A),
            metallic: map(3, Channel::B),
            roughness: map(4, Channel::G),
            normal: map(5, Channel::Rgb),
            occlusion: map(6, Channel::R),
            emission: map(7, Channel::Rgb),
        };
        assert_eq!(maps.check("maps"), Ok(()));
        let named: Vec<u128> = maps.references().map(|it| it.uuid.as_u128()).collect();
        assert_eq!(named, [1, 2, 3, 4, 5, 6, 7]);
    }
}
