import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { expect, test } from 'vitest';
import { makeFolder } from '../tools/files.ts';
import { describeHttp } from '../../src/protocol/describe.ts';

const require = createRequire(import.meta.url);
const redocly = join(dirname(require.resolve('@redocly/cli/package.json')), 'bin', 'cli.js');

interface Finding {
  ruleId: string;
  severity: string;
  message: string;
  location: { pointer?: string }[];
}

/** What Redocly finds with its recommended rules. It is told to tell nobody and to ask nobody. */
async function lint(document: unknown): Promise<string[]> {
  await using folder = await makeFolder();
  const file = join(folder.path, 'openapi.json');
  await writeFile(file, JSON.stringify(document));
  const child = spawn(process.execPath, [redocly, 'lint', file, '--extends=recommended', '--format=json'], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'], REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await once(child, 'close');
  const { problems } = JSON.parse(output) as { problems: Finding[] };
  return problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer ?? ''}`);
}

test('Redocly finds nothing to say about the OpenAPI document', { timeout: 60_000 }, async () => {
  expect(await lint(describeHttp())).toEqual([]);
});

test('Redocly would say it if there were something', { timeout: 60_000 }, async () => {
  const { license: _, ...info } = describeHttp().info;

  expect(await lint({ ...describeHttp(), info })).toContainEqual(expect.stringContaining('info-license'));
});
