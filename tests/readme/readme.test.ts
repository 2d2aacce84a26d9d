import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listVariables } from '../../src/server/config.ts';
import { type Block, listBlocks, listIds, listPicturedFrames, toComparable } from './markdown.ts';
import { type Program, run, Shell, top } from './shell.ts';

const read = (path: string): string => readFileSync(join(top, path), 'utf8');
const english = read('README.md');
const blocks = listBlocks(english);
const isCommands = ({ language }: Block): boolean => language === 'sh';
const typed = blocks.filter(isCommands).map(({ text }) => text);
/** Ids that stand in the README's commands, what is pasted, and the demo's data; any other was made by a server. */
const knownIds = new Set(
  [read('fake_data.json'), ...typed, ...blocks.filter((_, i) => isPasted(i)).map(({ text }) => text)].flatMap(listIds),
);
const compared = (text: string): string => toComparable(text, knownIds);

/** What a terminal without frames of its own is followed by is what a person pastes into it. */
function isPasted(i: number): boolean {
  const before = blocks[i - 1]?.text ?? '';
  return before.includes('wscat') && !before.includes(' -x ');
}

/** Commands that are not run again here: the install, this very suite, a bench of minutes, a container engine's. */
const notRun = /^(npm ci|npm test|npm run tail .*|npm run bench .*|docker compose .*|sh compose_tests\.sh)$/;
const servers = { start: 'npm start', demo: 'npm run demo' };
const listLines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.replace(/ +# .*$/, ''))
    .filter((line) => line !== '');

const folder = mkdtempSync(join(tmpdir(), 'readme-'));
const programs: Program[] = [];
const ports = { start: '', demo: '' };

/** Every variable, so that a file .env of whoever runs this does not count. */
const toEnv = (server: 'start' | 'demo'): Record<string, string> => ({
  ...Object.fromEntries(listVariables().map((variable) => [variable.name, variable.default])),
  DATA_DIR: join(folder, server),
  PORT: '0',
  BCRYPT_COST: '4',
});

/** A server by the README's own command, in a data folder of its own, on any free port. */
async function startServer(name: 'start' | 'demo'): Promise<void> {
  const { HISTORY_PUBLIC: _, ...demoEnv } = toEnv(name);
  const server = run(servers[name], name === 'demo' ? demoEnv : toEnv(name));
  programs.push(server);
  const [, port = ''] = await server.until(/^Listening +http:\/\/127\.0\.0\.1:(\d+)/m);
  ports[name] = port;
}

beforeAll(async () => {
  // One after the other: the second finds the build that the first made.
  await startServer('start');
  await startServer('demo');
}, 120_000);

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(folder, { recursive: true, force: true });
});

/** A command as the README has it, but for the port and the folders of this test. */
const toLocal = (text: string, server: 'start' | 'demo'): string =>
  text.replaceAll('localhost:8000', `localhost:${ports[server]}`).replaceAll('world.json', join(folder, 'world.json'));

/** Frames that a wscat has shown; without a terminal it writes prompts into the same lines. */
const listFrames = (program: Program): string[] =>
  program
    .output()
    .split('\n')
    .map((line) => line.replace(/^(> )+/, ''))
    .filter((line) => line.startsWith('{'));

function openTerminal(block: Block): Program {
  // -P and --slash show when it is connected: what is typed before is lost. By itself it goes two seconds after its commands.
  const terminal = run(`${toLocal(block.text.trim(), 'demo')} -P --slash -w -1`);
  programs.push(terminal);
  return terminal;
}

async function paste(terminal: Program, text: string): Promise<void> {
  const ping = setInterval(() => terminal.type('/ping'), 100);
  await terminal.until(/Received pong/).finally(() => clearInterval(ping));
  for (const line of text.trim().split('\n')) terminal.type(line);
}

const expectFrames = async (terminal: Program, wanted: string): Promise<void> => {
  const count = wanted.trim().split('\n').length;
  await expect.poll(() => listFrames(terminal).length, { interval: 10 }).toBeGreaterThanOrEqual(count);
  expect(compared(listFrames(terminal).join('\n'))).toBe(compared(wanted));
};

describe('the commands of the README', () => {
  it('are all of a kind that this test runs, or exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const line of typed.flatMap(listLines)) {
      const [, script] = /^npm (?:run )?(?!ci\b)(\S+)/.exec(line) ?? [];
      if (script !== undefined) expect(Object.keys(scripts), line).toContain(script);
      const [, file] = /(scripts\/[\w-]+)\.(?:js|ts)$/.exec(scripts[script ?? ''] ?? '') ?? [];
      if (file !== undefined) expect(existsSync(join(top, `${file}.ts`)), `${line} needs ${file}`).toBe(true);
    }
    expect(existsSync(join(top, 'package-lock.json')) && existsSync(join(top, 'compose_tests.sh'))).toBe(true);
    expect(typed.flatMap(listLines).filter((line) => Object.values(servers).includes(line))).toHaveLength(2);
  });

  it('let two terminals talk, and each sees what the README says', { timeout: 120_000 }, async () => {
    const section = blocks.slice(blocks.findIndex(({ text }) => text.includes('wscat')));
    const pictured: string[] = [];
    let listening: Program | undefined;
    let latest: Program | undefined;
    for (const block of section.slice(
      0,
      section.findIndex(({ text }) => text.includes('curl')),
    )) {
      if (isCommands(block)) {
        latest = openTerminal(block);
        if (!block.text.includes('-w -1')) continue;
        listening = latest;
        await listening.until(/auth_success/);
        pictured.push(/-x '(.*)'/.exec(block.text)![1]!);
      } else if (isPasted(blocks.indexOf(block))) {
        await paste(latest!, block.text);
        pictured.push(...block.text.trim().split('\n'));
      } else {
        // Answers stand below the terminal that gets them; what is left over at the end is the listener's.
        const terminal = (latest ?? listening)!;
        await expectFrames(terminal, block.text);
        pictured.push(...listFrames(terminal));
        latest = undefined;
      }
    }
    const seen = pictured.map((frame) => frame.replaceAll(/\s/g, ''));
    const frames = listPicturedFrames(read('docs/images/two-terminals.svg'));
    expect(frames.length).toBeGreaterThan(8);
    for (const frame of frames)
      expect(
        seen.some((line) => frame.test(line)),
        String(frame),
      ).toBe(true);
  });

  it('do what the README says, those of curl and those of npm', { timeout: 120_000 }, async () => {
    await using shell = new Shell({ ...toEnv('start'), XDG_STATE_HOME: folder });
    let printed = '';
    for (const [i, block] of blocks.entries()) {
      const isDemo = block.section === blocks.find(({ text }) => text.includes(servers.demo))?.section;
      const lines = listLines(block.text);
      if (block.language === 'json' && !blocks[i - 1]?.text.includes('wscat') && printed !== '') {
        expect(compared(printed)).toBe(compared(block.text));
        printed = '';
      }
      if (!isCommands(block) || block.text.includes('npx wscat')) continue;
      if (lines.every((line) => notRun.test(line) || Object.values(servers).includes(line))) continue;
      printed = await shell.run(toLocal(block.text, isDemo ? 'demo' : 'start'));
    }
  });

  it('are those of system 002 too, as its users know them', { timeout: 120_000 }, async () => {
    const [james, vincent, jason] = [
      'd61d47bb-2cd2-4c1d-8975-938263836086',
      '599e25c1-693d-4620-9abf-fde1dda5d426',
      'ef642621-024a-4db6-9ab2-5304c6e6221d',
    ];
    const chatId = '27784f95-d0e0-478d-b224-f718fe2da52c';
    const clientId = 'dadf4d3c-ccf8-443d-ad7d-7dafca692fbd';
    const frames = [
      { email: 'nicholecarroll@example.com', password: '!0Wtg' },
      {
        client_id: clientId,
        sender_id: james,
        chat_id: chatId,
        timestamp: '2025-05-04 04:45:50+00:00',
        text: 'Congress information message. Information recognize face. Form according toward evidence quite everybody.',
      },
      { name: 'Car.', users: [james, vincent, jason] },
      { message_id: '9d5a44c4-3115-477b-83da-f7c8b4f34896' },
    ];
    const pasted = frames.map((frame) => ` -x '${JSON.stringify(frame, null, 4)}'`).join('');
    const terminal = run(toLocal(`npx wscat -c ws://localhost:8000/ws -w -1${pasted}`, 'demo'));
    programs.push(terminal);
    await expect.poll(() => listFrames(terminal).length, { interval: 10 }).toBe(3);
    const [success, ack, group] = listFrames(terminal).map((frame) => JSON.parse(frame) as Record<string, unknown>);
    expect(success).toEqual({ type: 'auth_success', detail: null });
    expect(ack).toMatchObject({ client_id: clientId });
    expect(group).toMatchObject({ name: 'Car.', creator_id: james });
    expect(group?.['user_group']).toHaveLength(3);

    await using shell = new Shell({});
    const history = await shell.run(
      toLocal(
        `curl -s -X 'GET' \\\n  'http://localhost:8000/history/${chatId}?limit=10&offset=0' \\\n  -H 'accept: application/json'`,
        'demo',
      ),
    );
    const rows = JSON.parse(history) as Record<string, unknown>[];
    expect(rows[0]).toMatchObject({ sender_id: james, chat_id: chatId, timestamp: '2025-05-04T04:45:50Z', seen: true });
    expect(rows.at(-1)).toMatchObject({ id: ack?.['id'], seen: false });
  });
});
