//! Materials: values become factors, maps become textures.

use gltf_json::Material;
use gltf_json::extensions::material::{
    EmissiveStrength, EmissiveStrengthFactor, Material as MaterialExtensions,
    NormalTexture as NormalExtensions, OcclusionTexture as OcclusionExtensions,
};
use gltf_json::extensions::texture::Info as InfoExtensions;
use gltf_json::material::{
    AlphaCutoff, AlphaMode as GltfAlphaMode, EmissiveFactor, NormalTexture, OcclusionTexture,
    PbrBaseColorFactor, PbrMetallicRoughness, StrengthFactor,
};
use gltf_json::texture::Info;
use gltf_json::validation::Checked::Valid;
use serde_json::Map;
use uuid::Uuid;
use vibesync_scene::{AlphaMode, Emission, Invalid, Maps, Pbr, TextureMap};

use super::extras::extras;
use super::file::{File, MaterialRef};
use super::recipe::{Recipe, Source};
use super::textures::{Placed, is_same_place};
use crate::notes::Note;

const TRANSFORM: &str = "KHR_texture_transform";
const STRENGTH: &str = "KHR_materials_emissive_strength";

/// A material in work.
struct Draft {
    name: String,
    uv_sets: u32,
}

impl File<'_> {
    /// Returns the material of the file for one of the scene; none if the entity is no material.
    pub(super) fn material(&mut self, uuid: Uuid) -> Result<Option<MaterialRef>, Invalid> {
        if let Some(known) = self.materials.get(&uuid) {
            return Ok(Some(*known));
        }
        let Some(entity) = self.entities.get(&uuid) else {
            return Ok(None);
        };
        let components = &entity.components;
        let (Some(pbr), Some(emission)) = (&components.pbr, &components.emission) else {
            return Ok(None);
        };
        let maps = components.maps.as_deref().cloned().unwrap_or_default();
        let mut draft = Draft {
            name: self.name(uuid),
            uv_sets: 0,
        };
        let mut material = Material {
            alpha_cutoff: (pbr.alpha_mode == AlphaMode::Mask)
                .then_some(AlphaCutoff(pbr.alpha_cutoff as f32)),
            alpha_mode: Valid(match pbr.alpha_mode {
                AlphaMode::Opaque => GltfAlphaMode::Opaque,
                AlphaMode::Mask => GltfAlphaMode::Mask,
                AlphaMode::Blend => GltfAlphaMode::Blend,
            }),
            double_sided: pbr.double_sided,
            name: Some(draft.name.clone()),
            extras: extras(uuid),
            ..Material::default()
        };
        self.add_base_color(&mut draft, pbr, &maps, &mut material.pbr_metallic_roughness)?;
        self.add_metal(&mut draft, pbr, &maps, &mut material.pbr_metallic_roughness)?;
        self.add_relief(&mut draft, pbr, &maps, &mut material)?;
        self.add_emission(&mut draft, emission, &maps, &mut material)?;
        let index = self.root.push(material);
        let uv_sets = draft.uv_sets;
        let made = MaterialRef { index, uv_sets };
        self.materials.insert(uuid, made);
        Ok(Some(made))
    }

    fn add_base_color(
        &mut self,
        draft: &mut Draft,
        pbr: &Pbr,
        maps: &Maps,
        surface: &mut PbrMetallicRoughness,
    ) -> Result<(), Invalid> {
        let has_alpha = pbr.alpha_mode != AlphaMode::Opaque;
        let alpha_map = maps.alpha.as_ref().filter(|_| has_alpha);
        let place = maps.base_color.as_ref().or(alpha_map);
        let alpha_map = alpha_map.filter(|map| self.fits(draft, place, map));
        let [red, green, blue, mut alpha] = pbr.base_color;
        let mut color = [red, green, blue];
        let mut sources = [Source::Full; 4];
        if let Some(map) = &maps.base_color {
            let largest = color.into_iter().fold(0.0, f64::max);
            let factor = map.scale * largest <= 1.0 && is_factor(map);
            let scale = if factor { 1.0 } else { map.scale };
            if factor {
                color = color.map(|it| it * map.scale);
            }
            sources = [0, 1, 2, 3].map(|at| Source::of(map, at, scale));
        }
        let [.., last] = &mut sources;
        *last = if has_alpha { Source::Full } else { Source::Any };
        let mut mapped_alpha = alpha;
        if let Some(map) = alpha_map {
            let (factor, scale) = factor_of(map);
            mapped_alpha = factor;
            *last = Source::of(map, 3, scale);
        }
        let recipe = Recipe {
            sources,
            is_color: true,
        };
        if let Some(place) = place
            && let Some(placed) = self.texture(&recipe, place, &draft.name)?
        {
            surface.base_color_texture = Some(self.info(draft, placed));
            alpha = mapped_alpha;
        }
        if color.iter().any(|it| *it > 1.0) {
            self.notes.add(Note::BrightBaseColor, &draft.name);
        }
        let [red, green, blue] = color.map(|it| it.min(1.0));
        let factor = [red, green, blue, alpha].map(|it| it as f32);
        surface.base_color_factor = PbrBaseColorFactor(factor);
        Ok(())
    }

    /// Adds roughness and metallic, which are one texture.
    fn add_metal(
        &mut self,
        draft: &mut Draft,
        pbr: &Pbr,
        maps: &Maps,
        surface: &mut PbrMetallicRoughness,
    ) -> Result<(), Invalid> {
        let place = maps.roughness.as_ref().or(maps.metallic.as_ref());
        let metallic = maps.metallic.as_ref();
        let metallic = metallic.filter(|map| self.fits(draft, place, map));
        // A value of 0 needs nothing of a texture.
        let channel = |map: Option<&TextureMap>, value: f64| match map {
            Some(map) => {
                let (factor, scale) = factor_of(map);
                (factor, Source::of(map, 0, scale))
            }
            None if value == 0.0 => (value, Source::Any),
            None => (value, Source::Full),
        };
        let (rough, green) = channel(maps.roughness.as_ref(), pbr.roughness);
        let (metal, blue) = channel(metallic, pbr.metallic);
        let recipe = Recipe {
            sources: [Source::Any, green, blue, Source::Any],
            is_color: false,
        };
        let mut factors = [pbr.roughness, pbr.metallic];
        if let Some(place) = place
            && let Some(placed) = self.texture(&recipe, place, &draft.name)?
        {
            surface.metallic_roughness_texture = Some(self.info(draft, placed));
            factors = [rough, metal];
        }
        let [rough, metal] = factors.map(|it| StrengthFactor(it as f32));
        (surface.roughness_factor, surface.metallic_factor) = (rough, metal);
        Ok(())
    }

    /// Adds normals and occlusion.
    fn add_relief(
        &mut self,
        draft: &mut Draft,
        pbr: &Pbr,
        maps: &Maps,
        material: &mut Material,
    ) -> Result<(), Invalid> {
        if let Some(map) = &maps.normal {
            let [red, green, blue] = [0, 1, 2].map(|at| Source::of(map, at, map.scale));
            let recipe = Recipe {
                sources: [red, green, blue, Source::Any],
                is_color: false,
            };
            if let Some(placed) = self.texture(&recipe, map, &draft.name)? {
                let info = self.info(draft, placed);
                material.normal_texture = Some(NormalTexture {
                    index: info.index,
                    scale: pbr.normal_scale as f32,
                    tex_coord: info.tex_coord,
                    extensions: info
                        .extensions
                        .map(|it| NormalExtensions { others: it.others }),
                    extras: None,
                });
            }
        }
        if let Some(map) = &maps.occlusion {
            let recipe = Recipe {
                sources: [
                    Source::of(map, 0, map.scale),
                    Source::Any,
                    Source::Any,
                    Source::Any,
                ],
                is_color: false,
            };
            if let Some(placed) = self.texture(&recipe, map, &draft.name)? {
                let info = self.info(draft, placed);
                material.occlusion_texture = Some(OcclusionTexture {
                    index: info.index,
                    strength: StrengthFactor(pbr.occlusion_strength as f32),
                    tex_coord: info.tex_coord,
                    extensions: info
                        .extensions
                        .map(|it| OcclusionExtensions { others: it.others }),
                    extras: None,
                });
            }
        }
        Ok(())
    }

    fn add_emission(
        &mut self,
        draft: &mut Draft,
        emission: &Emission,
        maps: &Maps,
        material: &mut Material,
    ) -> Result<(), Invalid> {
        let mut sent = emission.color.map(|it| it * emission.strength);
        if let Some(map) = &maps.emission {
            let scale = if is_factor(map) { 1.0 } else { map.scale };
            let [red, green, blue] = [0, 1, 2].map(|at| Source::of(map, at, scale));
            let recipe = Recipe {
                sources: [red, green, blue, Source::Any],
                is_color: true,
            };
            if let Some(placed) = self.texture(&recipe, map, &draft.name)? {
                material.emissive_texture = Some(self.info(draft, placed));
                if is_factor(map) {
                    sent = sent.map(|it| it * map.scale);
                }
            }
        }
        let largest = sent.into_iter().fold(1.0, f64::max);
        material.emissive_factor = EmissiveFactor(sent.map(|it| (it / largest) as f32));
        if largest > 1.0 {
            self.extensions.insert(STRENGTH);
            material.extensions = Some(MaterialExtensions {
                emissive_strength: Some(EmissiveStrength {
                    emissive_strength: EmissiveStrengthFactor(largest as f32),
                }),
                ..MaterialExtensions::default()
            });
        }
        Ok(())
    }

    /// Whether a map lies where the texture lies that it must share; else adds a note.
    fn fits(&mut self, draft: &Draft, place: Option<&TextureMap>, map: &TextureMap) -> bool {
        let fits = place.is_some_and(|place| is_same_place(place, map));
        if !fits {
            self.notes.add(Note::MapPlaces, &draft.name);
        }
        fits
    }

    fn info(&mut self, draft: &mut Draft, placed: Placed) -> Info {
        draft.uv_sets = draft.uv_sets.max(placed.uv + 1);
        let extensions = placed.transform.map(|transform| {
            self.extensions.insert(TRANSFORM);
            let others = Map::from_iter([(TRANSFORM.to_owned(), transform)]);
            InfoExtensions { others }
        });
        Info {
            index: placed.index,
            tex_coord: placed.uv,
            extensions,
            extras: None,
        }
    }
}

/// Whether the scale of a map can be a factor beside the texture.
fn is_factor(map: &TextureMap) -> bool {
    map.bias == 0.0 && map.scale > 0.0
}

/// Returns the factor beside the texture of one channel, and the scale that remains for its pixels.
fn factor_of(map: &TextureMap) -> (f64, f64) {
    match is_factor(map) && map.scale <= 1.0 {
        true => (map.scale, 1.0),
        false => (1.0, map.scale),
    }
}
