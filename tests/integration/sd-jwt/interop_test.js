// Answers that we sign and the npm package @sd-jwt/core verifies, and the
// reverse. Arguments: our tool. Prints each disagreement and exits 1; where the
// package is missing it says SKIPPED.
'use strict';

const { execFileSync, spawnSync } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const root = process.env.LIMPID_SOURCE_DIR || process.cwd();
const library = path.join(root, 'tools/sd-jwt/node_modules/@sd-jwt/core');
if (!fs.existsSync(library)) {
  console.log('SKIPPED: the npm package @sd-jwt/core is not installed ' +
    '(tools/sd-jwt); nothing was compared with it');
  process.exit(0);
}
const { SDJwtInstance } = require(library);
const tool = process.argv[2];

let failures = 0;
let checks = 0;
function check(name, good) {
  checks += 1;
  if (good) return;
  failures += 1;
  console.error(`${name}: no`);
}

const hasher = (data, algorithm) => {
  if (algorithm.toLowerCase() !== 'sha-256') throw new Error(algorithm);
  return new Uint8Array(crypto.createHash('sha256').update(data).digest());
};
const encoded = (bytes) => Buffer.from(bytes).toString('base64url');
const publicKey = (jwk) => crypto.createPublicKey({ key: jwk, format: 'jwk' });
const thumbprint = (jwk) => encoded(crypto.createHash('sha256').update(
  JSON.stringify({ crv: jwk.crv, kty: jwk.kty, x: jwk.x })).digest());

// The package with one key; signs where there is a private one.
function theirs(verifying, signing) {
  return new SDJwtInstance({
    hasher,
    hashAlg: 'sha-256',
    signAlg: 'EdDSA',
    saltGenerator: async (length) => encoded(crypto.randomBytes(length)),
    signer: signing &&
      (async (data) => encoded(crypto.sign(null, Buffer.from(data), signing))),
    verifier: async (data, signature) => crypto.verify(
      null, Buffer.from(data), verifying, Buffer.from(signature, 'base64url')),
  });
}

async function accepts(instance, text) {
  try {
    return (await instance.verify(text)).payload;
  } catch {
    return undefined;
  }
}

// Ours: {"jwk", "answer"} of a new key, about this value.
const issue = (value) => JSON.parse(execFileSync(
  tool, ['issue', JSON.stringify(value)], { encoding: 'utf8' }));
// What we read of a text, or undefined.
function read(command, jwk, text) {
  const done = spawnSync(tool, [command, JSON.stringify(jwk)],
    { input: text, encoding: 'utf8' });
  return done.status === 0 ? JSON.parse(done.stdout) : undefined;
}

async function oursToTheirs(value) {
  const name = `ours about ${JSON.stringify(value)}`;
  const { jwk, answer } = issue(value);
  const instance = theirs(publicKey(jwk));
  const claims = await accepts(instance, answer);
  check(`${name} verifies there`, claims !== undefined);
  check(`${name} says the same`, claims &&
    JSON.stringify(claims.answer.value) === JSON.stringify(value) &&
    claims.answer.attribute === 'person.birth_date' &&
    claims.vct === 'urn:limpid:answer:over_n/1' &&
    claims.exp - claims.iat === 60);
  const header = JSON.parse(
    Buffer.from(answer.split('.')[0], 'base64url').toString());
  check(`${name} names its key`, header.kid === thumbprint(jwk) &&
    header.typ === 'dc+sd-jwt' && header.alg === 'EdDSA');
  // Without its disclosure it says nothing, in both.
  const bare = answer.slice(0, answer.indexOf('~') + 1);
  const open = await accepts(instance, bare);
  check(`${name} hides there`, open && open.answer === undefined);
  check(`${name} is no answer here`, read('answer', jwk, bare) === undefined);
  const other = crypto.generateKeyPairSync('ed25519').publicKey;
  check(`${name} is refused under another key`,
    await accepts(theirs(other), answer) === undefined);
  const at = answer.indexOf('.') + 10;
  const changed = answer.slice(0, at) + (answer[at] === 'A' ? 'B' : 'A') +
    answer.slice(at + 1);
  check(`${name} is refused when changed`,
    await accepts(instance, changed) === undefined);
}

async function theirsToOurs() {
  const { publicKey: verifying, privateKey } =
    crypto.generateKeyPairSync('ed25519');
  const { kty, crv, x } = verifying.export({ format: 'jwk' });
  const jwk = { kty, crv, x };
  const instance = theirs(verifying, privateKey);
  const sign = (claims, frame, header) => instance.issue(
    claims, frame, { header: { kid: thumbprint(jwk), ...header } });
  const claims = { iss: 'somebody', n: 1, s: 'ü', l: [1, null], o: { a: {} } };
  const text = await sign(claims, { _sd: ['s', 'l', 'o'] },
    { typ: 'dc+sd-jwt' });
  const said = read('sd-jwt', jwk, text);
  check('theirs verifies here', said !== undefined);
  check('theirs says the same', said &&
    JSON.stringify(said.open) === '{"iss":"somebody","n":1}' &&
    JSON.stringify(said.disclosed) ===
      '{"l":[1,null],"o":{"a":{}},"s":"ü"}');
  const shown = await instance.present(text, { s: true });
  const part = read('sd-jwt', jwk, shown);
  check('a part of theirs verifies here',
    part && JSON.stringify(part.disclosed) === '{"s":"ü"}');
  const decoys = await sign(claims, { _sd: ['s'], _sd_decoy: 3 },
    { typ: 'dc+sd-jwt' });
  check('decoys of theirs are passed over',
    read('sd-jwt', jwk, decoys) !== undefined);
  // What RFC 9901 has and this profile has not.
  const deep = await sign(claims, { o: { _sd: ['a'] }, _sd: ['s'] },
    { typ: 'dc+sd-jwt' });
  check('theirs that hides below is refused',
    await accepts(instance, deep) !== undefined &&
    read('sd-jwt', jwk, deep) === undefined);
  const element = await sign(claims, { l: { _sd: [0] }, _sd: ['s'] },
    { typ: 'dc+sd-jwt' });
  check('theirs that hides an element is refused',
    await accepts(instance, element) !== undefined &&
    read('sd-jwt', jwk, element) === undefined);
  const other = await sign(claims, { _sd: ['s'] }, { typ: 'vc+sd-jwt' });
  check('theirs of another type is refused',
    read('sd-jwt', jwk, other) === undefined);
  const unknown = { kty, crv, x: issue(true).jwk.x };
  check('theirs under another key is refused',
    read('sd-jwt', unknown, text) === undefined);
}

(async () => {
  for (const value of [true, false, 3, 'SW1']) await oursToTheirs(value);
  await theirsToOurs();
  console.log(`${checks} checks, ${failures} differ`);
  process.exit(failures === 0 && checks === 36 ? 0 : 1);
})();
