// judge.mjs SCHEMAS SAMPLES OUT: writes TypeScript types of every schema of a folder to OUT, and prints what ajv says about
// every sample of a JSON file, as a list of true and false.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";
import { compile } from "json-schema-to-typescript";

const [schemas, samples, out] = process.argv.slice(2);
const ajv = new Ajv2020.default({ strict: true, strictRequired: false, strictTypes: false, validateFormats: false });
const validators = new Map();
for (const file of readdirSync(schemas)) {
  const schema = JSON.parse(readFileSync(`${schemas}/${file}`, "utf8"));
  validators.set(file, ajv.compile(schema));
  const name = file.replace(".json", "");
  writeFileSync(`${out}/${name}.ts`, await compile(schema, name, { additionalProperties: true }));
}
const verdicts = JSON.parse(readFileSync(samples, "utf8")).map(({ schema, document }) => validators.get(schema)(document));
process.stdout.write(JSON.stringify(verdicts));
