// Loads files with GLTFLoader of three.js: NODE_PATH=... node load.mjs FILE...
//
// Prints a JSON line for each file: its nodes by the uuid in their extras, with
// world matrix, vertex counts, materials, light and camera.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// What the loader wants of a browser to decode images; the pixels are of no concern here.
globalThis.self = globalThis;
globalThis.createImageBitmap = async () => ({ width: 4, height: 4, close() {} });
const require = createRequire(`${process.env.NODE_PATH}/`);
const loader = pathToFileURL(require.resolve("three/addons/loaders/GLTFLoader.js"));
const { GLTFLoader } = await import(loader);

function surface(material) {
  const sent = material.emissive.toArray().map((it) => it * material.emissiveIntensity);
  return {
    color: material.color.toArray(),
    opacity: material.opacity,
    metallic: material.metalness,
    roughness: material.roughness,
    emission: sent,
    cutoff: material.alphaTest,
    blends: material.transparent,
    sides: material.side,
    normal_scale: material.normalScale.x,
    maps: ["map", "metalnessMap", "roughnessMap", "normalMap", "aoMap", "emissiveMap"].filter((it) => material[it]),
  };
}

function describe(object) {
  const found = { name: object.userData.name ?? object.name, matrix: object.matrixWorld.toArray() };
  const meshes = object.isMesh ? [object] : object.children.filter((it) => it.isMesh && !it.userData.vibesync_node);
  found.parts = meshes.map((mesh) => ({
    vertices: mesh.geometry.attributes.position.count,
    corners: mesh.geometry.index.count,
    material: mesh.material.name === "" ? null : surface(mesh.material),
  }));
  if (object.isLight) {
    const product = object.color.toArray().map((it) => it * object.intensity);
    found.light = { type: object.type, product, distance: object.distance ?? 0, angle: object.angle ?? 0 };
  }
  if (object.isCamera) {
    const { type, fov, aspect, near, far, top, right } = object;
    found.camera = { type, fov, aspect, near, far, top, right };
  }
  return found;
}

for (const file of process.argv.slice(2)) {
  const bytes = readFileSync(file);
  const gltf = await new GLTFLoader().parseAsync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), "");
  gltf.scene?.updateMatrixWorld(true);
  const nodes = gltf.parser.json.nodes ?? [];
  const objects = await Promise.all(nodes.map((_, index) => gltf.parser.getDependency("node", index)));
  for (const object of objects) object.userData.vibesync_node = true;
  const found = nodes.map((node, index) => [node.extras.vibesync.uuid, describe(objects[index])]);
  console.log(JSON.stringify({ file, nodes: Object.fromEntries(found) }));
}
