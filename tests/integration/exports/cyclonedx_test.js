// Exports in CycloneDX against the JSON Schema that CycloneDX publishes, as the
// npm package of tools/cyclonedx carries it. Usage: cyclonedx_test.js TOOL DATA
'use strict';

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.join(__dirname, '..', '..', '..');
const modules = path.join(root, 'tools', 'cyclonedx', 'node_modules');
const schemas = path.join(modules, '@cyclonedx', 'cyclonedx-library', 'res',
  'schema');
if (!fs.existsSync(schemas)) {
  console.log('SKIPPED: the npm packages of tools/cyclonedx are not installed');
  process.exit(0);
}
const Ajv = require(path.join(modules, 'ajv'));
const addFormats = require(path.join(modules, 'ajv-formats'));

const read = (name) =>
  JSON.parse(fs.readFileSync(path.join(schemas, name), 'utf8'));
const ajv = new Ajv({
  strict: false,
  allErrors: true,
  // Two formats that the validator does not know; texts all the same.
  formats: { 'idn-email': true, 'iri-reference': true },
});
addFormats(ajv);
for (const file of fs.readdirSync(schemas)) {
  if (/^(spdx|jsf|cryptography)/.test(file) && file.endsWith('.json')) {
    const schema = read(file);
    // Referred to by the name of its file.
    delete schema.$id;
    ajv.addSchema(schema, `http://cyclonedx.org/schema/${file}`);
  }
}
const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));

let faults = 0;
const check = (what, document) => {
  if (validate(document)) return;
  faults += 1;
  for (const error of validate.errors.slice(0, 20)) {
    console.log(`${what}: ${error.instancePath} ${error.message} ` +
      JSON.stringify(error.params).slice(0, 100));
  }
};

// What is broken on purpose is found.
if (validate({ bomFormat: 'CycloneDX', specVersion: '1.6', components: [{}] })) {
  console.log('the schema refuses nothing');
  process.exit(1);
}

const [tool, data] = process.argv.slice(2);
for (const profile of ['cyclonedx', 'cyclonedx-data']) {
  const written = execFileSync(tool,
    [profile, path.join(data, 'cyclonedx-1.6.json')]);
  const documents = [].concat(JSON.parse(written));
  if (documents.length !== 2) {
    console.log(`${profile}: ${documents.length} documents instead of 2`);
    faults += 1;
  }
  documents.forEach((document, at) => check(`${profile} ${at}`, document));
}
process.exit(faults === 0 ? 0 : 1);
