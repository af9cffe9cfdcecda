// Files that we encrypt and Debian's age opens, and the reverse, with keys of
// age-keygen. Arguments: our tool.
'use strict';

const { execFileSync, spawnSync } = require('child_process');
const crypto = require('crypto');
const fs = require('fs');
const os = require('os');
const path = require('path');

const tool = process.argv[2];
const chunk = 64 * 1024;
const sizes = [0, 1, 100, chunk - 1, chunk, chunk + 1, 3 * chunk, 300 * 1000];

if (spawnSync('age', ['--version']).status !== 0) {
  console.log("SKIPPED: Debian's age is not installed");
  process.exit(0);
}
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'limpid-age-'));
const run = (program, args, input) =>
  execFileSync(program, args, { input, maxBuffer: 1 << 26 });

const people = ['anna', 'bela'].map((name) => {
  const file = path.join(folder, name);
  execFileSync('age-keygen', ['-o', file], { stdio: 'ignore' });
  return { file, recipient: run('age-keygen', ['-y', file]).toString().trim() };
});
const [anna, bela] = people;
const stranger = path.join(folder, 'stranger');
execFileSync('age-keygen', ['-o', stranger], { stdio: 'ignore' });

let failures = 0;
let checks = 0;
function check(what, good) {
  checks += 1;
  if (good) return;
  failures += 1;
  console.error(what);
}

for (const size of sizes) {
  const text = crypto.randomBytes(size);
  const ours = run(tool, ['encrypt', anna.recipient, bela.recipient], text);
  for (const one of people) {
    check(`ours of ${size} bytes does not open with age`,
      run('age', ['-d', '-i', one.file], ours).equals(text));
  }
  const theirs = run('age', ['-r', anna.recipient, '-r', bela.recipient], text);
  for (const one of people) {
    check(`theirs of ${size} bytes does not open with ours`,
      run(tool, ['decrypt', one.file], theirs).equals(text));
  }
  const no = spawnSync(tool, ['decrypt', stranger], { input: theirs });
  check('a stranger opens theirs', no.status === 3 && no.stdout.length === 0);
  const neither = spawnSync('age', ['-d', '-i', stranger], { input: ours });
  check('a stranger opens ours', neither.status !== 0);
  const cut = ours.subarray(0, ours.length - 1);
  check('age takes one that is cut off',
    spawnSync('age', ['-d', '-i', anna.file], { input: cut }).status !== 0);
}
fs.rmSync(folder, { recursive: true });
console.log(`${checks} checks, ${failures} failed`);
process.exit(failures === 0 ? 0 : 1);
