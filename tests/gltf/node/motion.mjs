// Plays the animations of files with three.js: NODE_PATH=... node motion.mjs SECONDS,SECONDS... FILE...
//
// Prints a JSON line for each file: for each time the corners in the world of each node that shows a mesh, by
// the uuid of the mesh.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.NODE_PATH}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { GLTFLoader } = await load("three/addons/loaders/GLTFLoader.js");
const { AnimationMixer, LoopOnce, Vector3 } = await load("three");

function corners(object) {
  const isPart = (it) => it.isMesh && !it.userData.vibesync_node;
  const parts = object.isMesh ? [object] : object.children.filter(isPart);
  const vertices = parts.flatMap((part) => {
    const place = (vertex) => part.getVertexPosition(vertex, new Vector3()).applyMatrix4(part.matrixWorld).toArray();
    return Array.from(part.geometry.index.array, place);
  });
  return vertices;
}

const [times, ...files] = process.argv.slice(2);
for (const file of files) {
  const bytes = readFileSync(file);
  const gltf = await new GLTFLoader().parseAsync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), "");
  const mixer = new AnimationMixer(gltf.scene);
  for (const clip of gltf.animations) {
    const action = mixer.clipAction(clip);
    action.setLoop(LoopOnce);
    action.clampWhenFinished = true;
    action.play();
  }
  const nodes = gltf.parser.json.nodes ?? [];
  const objects = await Promise.all(nodes.map((_, index) => gltf.parser.getDependency("node", index)));
  for (const object of objects) object.userData.vibesync_node = true;
  const found = {};
  for (const time of times.split(",")) {
    // From the start: an action that has ended does not go back.
    mixer.setTime(0);
    mixer._actions.forEach((action) => Object.assign(action, { paused: false, enabled: true }));
    mixer.setTime(Number(time));
    gltf.scene.updateMatrixWorld(true);
    found[time] = {};
    objects.forEach((object, index) => {
      const mesh = gltf.parser.json.meshes?.[nodes[index].mesh];
      if (mesh) (found[time][mesh.extras.vibesync.uuid] ??= []).push(corners(object));
    });
  }
  console.log(JSON.stringify({ file, times: found }));
}
