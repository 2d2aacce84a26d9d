import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { actionsSocket } from '../../src/protocol/actions.ts';
import { roomsChatSocket } from '../../src/protocol/rooms.ts';
import type { SocketDescription } from '../../src/protocol/socket.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket } from '../support/socket.ts';

let server: TestServer;
let alice: Actor;
let chatId: string;

beforeAll(async () => {
  server = await startTestServer();
  alice = await createActor(server, 'Alice');
  ({ chatId } = await createGroup(server, [alice]));
});
afterAll(async () => {
  expect(server.bugs).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const key = fc.constantFrom('action', 'chat_id', 'text', 'message_id', 'idempotency_key', '__proto__', 'x');
const value = fc.oneof(
  fc.constantFrom(...Object.keys(actionsSocket.clientFrames), 'toString'),
  fc.uuid(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 2 }),
);
const nonsense = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.dictionary(key, value).map((frame) => JSON.stringify(frame)),
);

interface Case {
  description: SocketDescription;
  address(): string;
  /** A frame that succeeds, and is told from every other by its number. */
  probe(n: number): unknown;
  isProbed(answer: string, n: number): boolean;
}

const toId = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

const cases: Case[] = [
  {
    description: actionsSocket,
    address: () => `/ws?token=${alice.token}`,
    probe: (n) => ({ action: 'leave_chat', chat_id: toId(n) }),
    isProbed: (answer, n) => answer.includes(toId(n)),
  },
  {
    description: roomsChatSocket,
    address: () => `/ws/${chatId}?token=${alice.token}`,
    probe: (n) => ({ text: `probe ${n}.` }),
    isProbed: (answer, n) => answer.includes(`"probe ${n}."`),
  },
];

it.each(cases)(
  'whatever a client of $description.name says is answered as documented, and its socket stays',
  { timeout: 60_000 },
  async ({ description, address, probe, isProbed }) => {
    const socket = await TestSocket.open(server.wsUrl + address());
    const known = Object.values(description.serverFrames).map(({ schema }) => schema);
    let n = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(nonsense, { maxLength: 5 }), async (frames) => {
        const [before, own] = [socket.received.length, ++n];
        for (const frame of frames) socket.send(frame);
        socket.send(probe(own));
        const answered = () => socket.received.slice(before).some((answer) => isProbed(answer, own));
        await socket.until('the answer to the probe', () => answered() || socket.closeCode !== undefined);
        expect(socket.closeCode).toBeUndefined();
        const answers = socket.received.slice(before).map((text) => JSON.parse(text) as unknown);
        const unknown = answers.filter((answer) => !known.some((schema) => schema.safeParse(answer).success));
        expect(unknown).toEqual([]);
      }),
      { numRuns: 150 },
    );
    expect(socket.closeCode).toBeUndefined();
    await socket.close();
  },
);
