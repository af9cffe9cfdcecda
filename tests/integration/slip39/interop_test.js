// Secrets that we split and the npm package slip39 combines, and the reverse.
// Arguments: our tool. Prints each disagreement and exits 1.
'use strict';

const { execFileSync } = require('child_process');
const crypto = require('crypto');
const path = require('path');

const root = process.env.LIMPID_SOURCE_DIR || process.cwd();
const Slip39 = require(path.join(root, 'tools/slip39/node_modules/slip39'));
const tool = process.argv[2];

const run = (args, input) =>
  execFileSync(tool, args, { input, encoding: 'utf8' }).trim();
const hex = (bytes) => Buffer.from(bytes).toString('hex');

// Groups are [threshold, count]; take says which shares are combined, counted
// over all groups.
const shapes = [
  { need: 1, groups: [[1, 1]], take: [0] },
  { need: 1, groups: [[2, 3]], take: [2, 0] },
  { need: 1, groups: [[3, 5]], take: [4, 1, 2] },
  { need: 2, groups: [[1, 1], [2, 3], [3, 5]], take: [3, 0, 1] },
];

let failures = 0;
let checks = 0;
function check(name, want, got) {
  checks += 1;
  if (want === got) return;
  failures += 1;
  console.error(`${name}: the secret came back as another one`);
}

function oursToTheirs(name, secret, shape, flag, exponent, passphrase) {
  const words = run(['split', hex(secret), `${flag}`, `${exponent}`, passphrase,
    `${shape.need}`, ...shape.groups.flat().map(String)]).split('\n');
  const chosen = shape.take.map((i) => words[i]);
  check(`${name}, ours to theirs`, hex(secret),
    hex(Slip39.recoverSecret(chosen, passphrase)));
}

function theirsToOurs(name, secret, shape, flag, exponent, passphrase) {
  const split = Slip39.fromArray([...secret], {
    passphrase,
    threshold: shape.need,
    groups: shape.groups,
    iterationExponent: exponent,
    extendableBackupFlag: flag,
  });
  const words = split.fromPath('r').mnemonics;
  const chosen = shape.take.map((i) => words[i]);
  check(`${name}, theirs to ours`, hex(secret),
    run(['combine', passphrase], `${chosen.join('\n')}\n`));
}

for (const bytes of [16, 32]) {
  for (const shape of shapes) {
    for (const flag of [0, 1]) {
      for (const [exponent, passphrase] of [[0, ''], [1, 'guard & ward']]) {
        const name = `${bytes} bytes, ${JSON.stringify(shape.groups)}, ` +
          `extendable ${flag}, exponent ${exponent}`;
        const secret = crypto.randomBytes(bytes);
        oursToTheirs(name, secret, shape, flag, exponent, passphrase);
        theirsToOurs(name, secret, shape, flag, exponent, passphrase);
      }
    }
  }
}

console.log(`${checks} secrets went through both, ${failures} differ`);
process.exit(failures === 0 && checks === 64 ? 0 : 1);
