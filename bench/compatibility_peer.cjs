// One peer from npm: a question a line, an answer a line. `node bench/compatibility_peer.cjs NAME FOLDER`
// answers inclusion with json-schema-diff, or, as ajv, whether a document is valid under a schema.
"use strict";
const { createRequire } = require("module");
const path = require("path");
const readline = require("readline");

const [name, folder] = process.argv.slice(2);
const installed = createRequire(path.join(folder, "package.json"));
const MODULES = {
  "draft-04": "ajv-draft-04",
  "draft-06": "ajv",
  "draft-07": "ajv",
  "2019-09": "ajv/dist/2019",
  "2020-12": "ajv/dist/2020",
};

// What the flag u refuses, such as \\:, old patterns still mean without it.
function validator(question) {
  try {
    return compiled(question, true);
  } catch (error) {
    if (!/Invalid regular expression/.test(error.message)) throw error;
    return compiled(question, false);
  }
}

function compiled({ dialect, schema, address, others }, unicodeRegExp) {
  const module = installed(MODULES[dialect]);
  const Ajv = module.default || module;
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    multipleOfPrecision: 12,
    unicodeRegExp,
    logger: false,
  });
  if (dialect === "draft-06") ajv.addMetaSchema(installed("ajv/dist/refs/json-schema-draft-06.json"));
  for (const [address, other] of Object.entries(others || {})) ajv.addSchema(other, address);
  return ajv.addSchema(schema, address).getSchema(address);
}

const ASK = {
  "json-schema-diff": async ({ old, new: next, way }) => {
    const { diffSchemas } = installed("json-schema-diff");
    const found = await diffSchemas({ sourceSchema: old, destinationSchema: next });
    return (way === "backward" ? found.removalsFound : found.additionsFound) ? "no" : "yes";
  },
  ajv: async (question) => (validator(question)(question.document) ? "yes" : "no"),
};

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    const start = process.hrtime.bigint();
    let answer;
    try {
      answer = await ASK[name](question);
    } catch (error) {
      answer = `error: ${error.message}`.slice(0, 200);
    }
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    process.stdout.write(JSON.stringify({ answer, ms }) + "\n");
  }
}

main();
