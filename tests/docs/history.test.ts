import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { wireVersion } from '../../src/protocol/version.ts';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

/** Every version with what stands below its heading. */
const entries = read('protocol-history.md')
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const [version = '', ...lines] = section.split('\n');
    return { version, text: lines.join('\n').trim() };
  });

const toNumbers = (version: string): [number, number, number] =>
  version.split('.').map(Number) as [number, number, number];

test('the history of the wire ends with the version that the server speaks, and with the one whose wire is noted', () => {
  const { version } = JSON.parse(read('wire.json')) as { version: string };

  expect([entries[0]?.version, version]).toEqual([wireVersion, wireVersion]);
});

test('each version says when it was and what changed', () => {
  for (const { version, text } of entries) expect(text, version).toMatch(/^\d{4}-\d{2}-\d{2}\. \S.{10,}/);
});

test('each version follows the one below it without a hole, down to 1.0.0', () => {
  for (const [i, { version }] of entries.entries()) {
    const [major, minor, patch] = toNumbers(version);
    const before = entries[i + 1]?.version;
    const followed = [`${major}.${minor}.${patch - 1}`, `${major}.${minor - 1}.0`, `${major - 1}.0.0`];
    if (before === undefined) expect(version).toBe('1.0.0');
    else
      expect(
        followed.some((one) => before === one || (one.endsWith('.0') && before.startsWith(one.slice(0, -1)))),
        `${version} after ${before}`,
      ).toBe(true);
  }
});
