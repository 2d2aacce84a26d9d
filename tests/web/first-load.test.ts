import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { countFirst, listFirst, listImports, parts } from '../../scripts/support/first-load.ts';
import { build } from '../support/programs.ts';

const folder = fileURLToPath(new URL('../../dist/web', import.meta.url));
const maxBytes = 75_000;

const read = (path: string): string => readFileSync(join(folder, path), 'utf8');

beforeAll(() => {
  build();
});

test('the imports of a script are found', () => {
  const code = 'import{a as b,c}from"./one.js";import"./two.js";import*as d from`./three.js`;export*from"./four.js";';
  expect(listImports(`${code}const later=()=>import("./later.js")`)).toEqual([
    'one.js',
    'two.js',
    'three.js',
    'four.js',
  ]);
});

test.each(parts)('the first load is small: %s', (part) => {
  expect(countFirst(folder, part)).toBeLessThanOrEqual(maxBytes);
});

test('what is heavy and rare comes later', () => {
  const first = new Set(parts.flatMap((part) => listFirst(folder, part)));
  const all = readdirSync(join(folder, 'assets')).filter((name) => name.endsWith('.js'));
  // Words of the rules of markdown-it, and of the names of emoji.
  for (const sign of ['reference definition', 'html_block', 'grinning face', 'face with tears of joy'])
    for (const name of all.filter((one) => read(join('assets', one)).includes(sign)))
      expect(first, `${sign} in ${name}`).not.toContain(name);
});

test('the worker keeps every file of the build', () => {
  const worker = read('sw.js');
  for (const name of readdirSync(join(folder, 'assets'))) expect(worker).toContain(`/assets/${name}`);
  expect(worker).not.toMatch(/^\s*(import|export)\b/m);
});
