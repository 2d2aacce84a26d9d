import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runAgainstClient } from '../../scripts/conformance/client/run.ts';
import type { Place, Subject } from '../../scripts/conformance/client/subject.ts';
import { toLines } from '../../scripts/conformance/report.ts';
import { listBlocks } from '../readme/markdown.ts';
import { top } from '../readme/shell.ts';
import { createActors, createGroup } from '../support/cast.ts';
import { startTestServer } from '../support/server.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  const blocks = listBlocks(readFileSync(join(top, 'docs/protocol.md'), 'utf8'));
  const [client] = blocks.filter(({ section, language }) => section === 'A minimal client' && language === 'js');
  folder = await mkdtemp(join(tmpdir(), 'messenger-client-'));
  file = join(folder, 'client.mjs');
  await writeFile(file, client!.text);
  await symlink(join(top, 'node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rm(folder, { recursive: true }));

/** The client of the document: texts go in, `seq text` comes out. */
class MinimalClient implements Subject, AsyncDisposable {
  #child: ChildProcess | undefined;
  #output = '';

  start({ url, token, chatId }: Pick<Place, 'url' | 'token' | 'chatId'>): Promise<void> {
    this.#output = '';
    this.#child = spawn(process.execPath, [file, url, token, chatId], { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdout!.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  send(_chatId: string, text: string): Promise<void> {
    this.#child!.stdin!.write(`${text}\n`);
    return Promise.resolve();
  }

  view(): Promise<{ seq: number; text: string }[]> {
    const rows = new Map<number, string>();
    for (const [, seq, text = ''] of this.#output.matchAll(/^(\d+) (.*)\n/gm)) rows.set(Number(seq), text);
    return Promise.resolve([...rows].map(([seq, text]) => ({ seq, text })).toSorted((a, b) => a.seq - b.seq));
  }
}

describe('the minimal client of the protocol’s document', () => {
  const rules = ['login', 'sync', 'lag', 'close', 'outbox', 'heartbeat', 'reconnect', 'resume.after-break'];

  test('keeps every rule of the conformance kit that it is about', { timeout: 180_000 }, async () => {
    const outcomes = await runAgainstClient({ subject: new MinimalClient(), rules, patienceMs: 20_000 });
    expect(outcomes.filter(({ result }) => result !== 'pass').map(toLines)).toEqual([]);
  });

  test('sends and hears at a real server, also what comes after a message that is refused', async () => {
    await using server = await startTestServer();
    const [alice, bob] = await createActors(server, 'Alice', 'Bob');
    const { chatId } = await createGroup(server, [alice, bob]);
    await using client = new MinimalClient();
    await using other = new MinimalClient();
    await client.start({ url: `${server.wsUrl}/ws`, token: alice.token, chatId });
    await other.start({ url: `${server.wsUrl}/ws`, token: bob.token, chatId });
    await client.send(chatId, 'one');
    const blankWhichIsRefused = ' ';
    await client.send(chatId, blankWhichIsRefused);
    await client.send(chatId, 'two');

    const wanted = [
      { seq: 1, text: 'one' },
      { seq: 2, text: 'two' },
    ];
    await expect.poll(() => other.view()).toEqual(wanted);
    await expect.poll(() => client.view()).toEqual(wanted);
  });
});
