import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSdk } from '../../scripts/support/sdk-report.ts';
import { createActors, createGroup, type Actor } from '../support/cast.ts';
import { listBlocks, type Block } from '../readme/markdown.ts';
import { build, compiled, top } from '../support/programs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** The programs of the guide, by the heading that they stand under. */
const listExamples = (): Block[] =>
  listBlocks(readFileSync(join(top, 'docs', 'sdk.md'), 'utf8')).filter(({ language }) => language === 'ts');

describe('the guide of the SDK', () => {
  let server: TestServer;
  let cast: { alice: Actor; bob: Actor; chatId: string };
  let folder: string;
  beforeAll(async () => {
    build();
    server = await startTestServer();
    const [alice, bob] = await createActors(server, 'Alice', 'Bob');
    cast = { alice, bob, chatId: (await createGroup(server, [alice, bob])).chatId };
    folder = mkdtempSync(join(top, 'tests', 'client', '.examples-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await server[Symbol.asyncDispose]();
  });

  /** As a program of its own: it has to end by itself, so nothing may hold it. */
  async function run({ text }: Block): Promise<{ status: number | null; output: string }> {
    const given = `const { url, alice, bob, chatId } = ${JSON.stringify({ url: server.url, ...cast })};\n`;
    const source = text.replaceAll(`'messenger/client'`, `'${compiled('src/client/index.ts')}'`);
    const path = join(folder, 'example.mts');
    writeFileSync(path, source.replace(/((?:^import .*\n)+)/, `$1${given}`));
    const child = spawn(process.execPath, ['--import', 'tsx', path], { cwd: top });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
    const timer = setTimeout(() => child.kill(), 50_000);
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    clearTimeout(timer);
    return { status, output };
  }

  const said: Record<string, RegExp> = {
    Connect: /online Alice/,
    Talk: /Hello, Bob \/ How are you\?/,
    Look: /A group 2 How are you\?\n(?:[^]*\n)?unread in all chats 0/,
    'Go on after a restart': /Alice goes on/,
    'Older messages': /all 2/,
    Errors: /no_message never/,
    'Without the socket': /Bob/,
  };

  it('has an example for each thing that it explains', () => {
    expect(listExamples().map(({ section }) => section)).toEqual(Object.keys(said));
  });

  it.each(listExamples())('$section: the example does what it says', async (example) => {
    const { status, output } = await run(example);
    expect(output).toMatch(said[example.section]!);
    expect(status).toBe(0);
  });
});

describe('the report of the interface', () => {
  it(
    'says what the code exports: a change of it is seen, and a breaking one thought about',
    { timeout: 60_000 },
    () => {
      expect(readFileSync(join(top, 'docs', 'sdk-api.md'), 'utf8')).toBe(describeSdk());
    },
  );
});
