import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { findFreePort } from '../faults/node-process.ts';
import { build, compiled, top } from '../support/programs.ts';
import { fake, makeFolder, readFake, runScript } from './files.ts';

interface Demo {
  url: string;
  output(): string;
  /** SIGTERM; the exit code. */
  stop(): Promise<number | null>;
}

let running: Demo | undefined;
afterEach(async () => void (await running?.stop()));

/** Resolves when the demo listens. */
const startDemo = async (dataDir: string): Promise<Demo> => {
  const port = await findFreePort();
  build();
  const child = spawn(process.execPath, [compiled('scripts/demo.ts')], {
    cwd: top,
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: String(port), BCRYPT_COST: '4' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  let output = '';
  const listening = new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      output += chunk.toString();
      if (/^Ready in/m.test(output)) resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    void exited.then((code) => reject(new Error(`the demo ended with ${code}:\n${output}`)));
  });
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return exited;
  };
  running = { url: `http://127.0.0.1:${port}`, output: () => output, stop };
  await listening;
  return running;
};

/** A socket that has sent `frames`; `next()` is the next frame that it gets. */
const open = async (url: string, ...frames: unknown[]): Promise<{ next(): Promise<unknown>; close(): void }> => {
  const socket = new WebSocket(url);
  const received: unknown[] = [];
  const waiting: ((frame: unknown) => void)[] = [];
  socket.on('message', (data: Buffer) => {
    const frame: unknown = JSON.parse(data.toString());
    const take = waiting.shift();
    if (take) take(frame);
    else received.push(frame);
  });
  await once(socket, 'open');
  for (const frame of frames) socket.send(JSON.stringify(frame));
  return {
    next: () =>
      received.length > 0 ? Promise.resolve(received.shift()) : new Promise((resolve) => waiting.push(resolve)),
    close: () => socket.close(),
  };
};

describe('npm run demo', { timeout: 120_000 }, () => {
  it('serves the world of fake_data.json to a newcomer, who needs only the lines that it prints', async () => {
    await using folder = await makeFolder();
    const demo = await startDemo(folder.path);
    const lines = demo.output().split('\n').map((line) => line.trim()); // prettier-ignore
    for (const { email, password } of (await readFake()).users)
      expect(demo.output()).toContain(JSON.stringify({ email, password }));

    const history = /'(http[^']+)'/.exec(lines.find((line) => line.startsWith('curl')) ?? '')?.[1] ?? '';
    expect(history.startsWith(demo.url)).toBe(true);
    expect(await (await fetch(history)).json()).toMatchObject([
      { id: fake.doorMessage, sender_id: fake.james, seen: true },
    ]);

    const [james, vincent, , samantha] = lines
      .filter((line) => line.startsWith('{"email"'))
      .map((line) => JSON.parse(line.slice(0, line.indexOf('}') + 1)) as unknown);
    const ws = `${demo.url.replace('http', 'ws')}/ws`;
    expect(demo.output()).toContain(`wscat -c ${ws}`);
    const receiver = await open(ws, vincent);
    expect(await receiver.next()).toEqual({ type: 'auth_success', detail: null });
    const message = JSON.parse(lines.find((line) => line.startsWith('{"client_id"')) ?? '') as { client_id: string };
    const sender = await open(ws, james, message);
    expect(await sender.next()).toEqual({ type: 'auth_success', detail: null });
    expect(await sender.next()).toMatchObject({ client_id: message.client_id });
    expect(await receiver.next()).toMatchObject({ sender_id: fake.james, chat_id: fake.door, text: 'Hello!' });

    const reader = await open(ws, samantha, JSON.parse(lines.find((line) => line.startsWith('{"message_id"')) ?? ''));
    expect(await receiver.next()).toMatchObject({ type: 'message_seen', detail: { id: fake.numberMessage } });
    for (const socket of [sender, receiver, reader]) socket.close();
    expect(await demo.stop()).toBe(0);
  });

  it('started again keeps what was said, and loads nothing twice', async () => {
    await using folder = await makeFolder();
    const first = await startDemo(folder.path);
    expect(first.output()).toContain('Loaded fake_data.json.');
    expect(await first.stop()).toBe(0);
    const second = await startDemo(folder.path);
    expect(second.output()).toContain('nothing was loaded');
    expect(await (await fetch(`${second.url}/history/${fake.door}?limit=10&offset=0`)).json()).toHaveLength(1);
    expect(await second.stop()).toBe(0);
  });

  it('only says what it is when it is asked, and begins nothing', async () => {
    await using folder = await makeFolder();
    const help = await runScript('demo', ['--help'], { DATA_DIR: folder.path });
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('data folder of its own') as string });
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
