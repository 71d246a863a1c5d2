// Runs the validator of Khronos over files: NODE_PATH=... node validate.mjs FILE...
//
// Prints a JSON line for each file with the messages that it has.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const validator = createRequire(`${process.env.NODE_PATH}/`)("gltf-validator");

for (const file of process.argv.slice(2)) {
  const report = await validator.validateBytes(new Uint8Array(readFileSync(file)), { maxIssues: 0 });
  const { numErrors, numWarnings, messages } = report.issues;
  const named = messages.map((it) => `${it.severity} ${it.code} ${it.pointer ?? ""}: ${it.message}`);
  console.log(JSON.stringify({ file, errors: numErrors, warnings: numWarnings, messages: named }));
}
