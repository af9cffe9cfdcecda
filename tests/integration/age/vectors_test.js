// The published vectors of the age format (C2SP CCTV, npm cctv-age) through our
// code. Vectors of what we do not write or read are counted, not run:
// passphrases, armour, post-quantum keys. Arguments: our tool.
'use strict';

const { spawnSync } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');
const { pathToFileURL } = require('url');
const zlib = require('zlib');

const root = process.env.LIMPID_SOURCE_DIR || process.cwd();
const module_file = path.join(root, 'tools/age/node_modules/cctv-age/index.js');
const tool = process.argv[2];
// What is expected of X25519 files, and how our tool ends.
const exits = {
  success: 0, 'header failure': 2, 'no match': 3, 'HMAC failure': 4,
  'payload failure': 4,
};
// Less would mean that vectors were left out by mistake.
const least = 60;

function parse(bytes) {
  const end = bytes.indexOf('\n\n');
  const fields = {};
  for (const line of bytes.subarray(0, end).toString().split('\n')) {
    const colon = line.indexOf(': ');
    const name = line.slice(0, colon);
    (fields[name] = fields[name] || []).push(line.slice(colon + 2));
  }
  let file = bytes.subarray(end + 2);
  if (fields.compressed) file = zlib.inflateSync(file);
  return { fields, file };
}

function skipped(fields) {
  return fields.passphrase || fields.armored ||
    (fields.identity || []).some((one) => !one.startsWith('AGE-SECRET-KEY-1'));
}

async function main() {
  if (!fs.existsSync(module_file)) {
    console.log('SKIPPED: the npm package cctv-age is not installed');
    return 0;
  }
  const vectors = await import(pathToFileURL(module_file));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'limpid-age-'));
  let ran = 0;
  let left_out = 0;
  let failures = 0;
  for (const [name, bytes] of Object.entries(vectors)) {
    const { fields, file } = parse(Buffer.from(bytes));
    if (skipped(fields) || !fields.identity) {
      left_out += 1;
      continue;
    }
    const keys = path.join(folder, 'keys');
    fs.writeFileSync(keys, fields.identity.join('\n') + '\n');
    const done = spawnSync(tool, ['decrypt', keys],
      { input: file, maxBuffer: 1 << 26 });
    ran += 1;
    const want = exits[fields.expect[0]];
    let good = done.status === want;
    if (want === 0 && good) {
      const hash = crypto.createHash('sha256').update(done.stdout).digest('hex');
      good = hash === fields.payload[0];
    }
    if (want !== 0) good = good && done.stdout.length === 0;
    if (good) continue;
    failures += 1;
    console.error(`${name}: expected ${fields.expect[0]}, ended ${done.status}: ` +
      `${done.stderr}`);
  }
  fs.rmSync(folder, { recursive: true });
  console.log(`${ran} vectors, ${left_out} of other kinds, ${failures} failed`);
  return failures === 0 && ran >= least ? 0 : 1;
}

main().then((code) => process.exit(code));
