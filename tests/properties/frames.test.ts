import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainClientFrames, plainServerFrames, type PlainShape } from '../../src/protocol/plain.ts';
import { createActor, createGroup, type Actor } from '../support/cast.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { TestSocket, type Frame } from '../support/socket.ts';
import { mutated, text, toArbitrary } from './valid.ts';

const shapes = Object.keys(plainClientFrames) as PlainShape[];

describe('whatever frames a socket is sent', () => {
  let server: TestServer;
  let alice: Actor;
  let known: fc.Arbitrary<unknown>;

  beforeAll(async () => {
    server = await startTestServer();
    let bob: Actor;
    [alice, bob] = await Promise.all([createActor(server, 'Alice'), createActor(server, 'Bob')]);
    const { chatId } = await createGroup(server, [alice, bob]);
    known = fc.oneof(
      fc.constantFrom(alice.id, bob.id, chatId, alice.email, alice.password, '2025-05-04T04:45:50Z'),
      fc.uuid(),
      text,
    );
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** What was sent behind something else is answered, and every answer is one that the contract knows. */
  async function expectAnswers(socket: TestSocket, frames: string[]): Promise<Frame[]> {
    const before = socket.received.length;
    for (const frame of frames) socket.send(frame);
    const probeId = randomUUID();
    socket.send({ client_id: probeId });
    const isProbed = (): boolean => socket.received.slice(before).some((answer) => answer.includes(probeId));
    await socket.until('the answer to the probe', () => isProbed() || socket.closeCode !== undefined);
    expect(socket.closeCode).toBeUndefined();
    const answers = socket.received.slice(before).map((answer) => JSON.parse(answer) as Frame);
    for (const answer of answers) {
      expect(answer.detail?.['code']).not.toBe('internal');
      expect(Object.values(plainServerFrames).some((schema) => schema.safeParse(answer).success)).toBe(true);
    }
    expect(server.bugs).toEqual([]);
    return answers;
  }

  const frame = (): fc.Arbitrary<unknown> =>
    fc.oneof(...shapes.map((shape) => toArbitrary(plainClientFrames[shape], known)));
  const run = async (property: fc.IAsyncProperty<[string[]]>, numRuns: number): Promise<void> =>
    fc.assert(property, { numRuns, endOnFailure: true });
  const encode = (value: unknown): string => JSON.stringify(value) ?? 'undefined';

  it.each(['anonymous', 'logged in'])(
    '%s: one with the shape of the contract, right or with one mistake, is answered',
    async (who) => {
      const socket = await TestSocket.open(`${server.wsUrl}/ws`, who === 'anonymous' ? {} : alice.authorization);
      if (who !== 'anonymous') await socket.next();
      const one = fc.oneof(frame(), mutated(frame())).map((value) => [encode(value)]);
      await run(
        fc.asyncProperty(one, async (frames) => void (await expectAnswers(socket, frames))),
        300,
      );
      await socket.close();
    },
  );

  it('a sequence of them on one socket leaves it answering', async () => {
    const any = fc.oneof(frame().map(encode), mutated(frame()).map(encode), text, fc.json());
    await run(
      fc.asyncProperty(fc.array(any, { maxLength: 30 }), async (frames) => {
        const socket = await TestSocket.open(`${server.wsUrl}/ws`, alice.authorization);
        await socket.next();
        await expectAnswers(socket, frames);
        await socket.close();
      }),
      40,
    );
  });

  it('each mistake is answered by exactly one error', async () => {
    const socket = await TestSocket.open(`${server.wsUrl}/ws`);
    const wrong = fc.array(fc.oneof(text, fc.json()), { minLength: 1, maxLength: 10 });
    await run(
      fc.asyncProperty(wrong, async (frames) => {
        const answers = await expectAnswers(socket, frames);
        expect(answers.map((answer) => answer.type)).toEqual([...frames, 'the probe'].map(() => 'error'));
      }),
      60,
    );
    await socket.close();
  });
});
