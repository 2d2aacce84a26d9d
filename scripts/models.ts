import { readFile, writeFile } from 'node:fs/promises';
import { generateModels } from './support/models-diagram.ts';

/** Writes docs/models.puml from the schema; with `--check` only says whether it is fresh. */
const file = 'docs/models.puml';
const text = generateModels();

if (!process.argv.includes('--check')) {
  await writeFile(file, text);
} else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  console.error(`${file} is not what the schema says; run npm run docs:models.`);
  process.exitCode = 1;
}
