import fs from 'node:fs';
import { seedFiles } from './seed-data/people.ts';

/** Generates seed-data/. With `--check` it only compares, and fails on differences. */
const FOLDER = new URL('../seed-data/', import.meta.url);
const made = seedFiles();

if (process.argv.includes('--check')) {
  const there = new Set(fs.existsSync(FOLDER) ? fs.readdirSync(FOLDER) : []);
  const differing = [...made].filter(
    ([name, content]) => !there.has(name) || !readSeed(name).equals(content),
  );
  const foreign = [...there].filter((name) => !made.has(name));
  const faults = [
    ...differing.map(([name]) => `${name} is not as it is made`),
    ...foreign.map((name) => `${name} is foreign`),
  ];
  console.log(faults[0] ?? `seed-data/: ${made.size} files, all as they are made`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} else {
  fs.rmSync(FOLDER, { recursive: true, force: true });
  fs.mkdirSync(FOLDER);
  for (const [name, content] of made) fs.writeFileSync(new URL(name, FOLDER), content);
  console.log(`seed-data/: ${made.size} files`);
}

function readSeed(name: string): Buffer {
  return fs.readFileSync(new URL(name, FOLDER));
}
