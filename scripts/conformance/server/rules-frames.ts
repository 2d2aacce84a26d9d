import { randomUUID } from 'node:crypto';
import { closeCodes } from '../../../src/protocol/close-codes.ts';
import type { ErrorCode } from '../../../src/protocol/errors.ts';
import { limits } from '../../../src/protocol/limits.ts';
import { demand, demandEqual } from '../rule.ts';
import { sending } from './deeds.ts';
import { toTyped, type Frame, type Peer } from './peer.ts';
import type { ServerRule } from './stage.ts';

/** The first error behind so many frames; what was changed earlier may be told in between. */
const findError = (peer: Peer, from: number): Frame | undefined =>
  peer.received.slice(from).find(({ type }) => type === 'error');

/** Says something that is no frame: it is refused with one of these, without a ref, and the socket stays usable. */
async function refusesText(peer: Peer, said: string | Buffer, ...codes: ErrorCode[]): Promise<void> {
  const before = peer.received.length;
  peer.say(said);
  const frame = await peer.until('an error', () => findError(peer, before));
  const { code, ref } = toTyped('error', frame);
  const shown = said.toString().slice(0, 60);
  demand(codes.includes(code), `${shown} must be refused with ${codes.join(' or ')}, not ${code}`);
  demand(ref === undefined, 'an error of what is no frame has a ref');
  await peer.fence();
}

const nest = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const pinging = (more: string): string => `{"type":"ping","ref":"deep",${more}}`;

/** A ping of exactly so many bytes. */
const pingOf = (bytes: number): string => {
  const empty = '{"type":"ping","ref":"size","filler":""}';
  return empty.replace('""}', `"${'x'.repeat(bytes - empty.length)}"}`);
};

export const frameRules: ServerRule[] = [
  {
    id: 'frames.ref',
    says: 'An answer repeats the ref of its frame, a text or a number, and has none where there was none.',
    async check(stage) {
      const peer = await stage.enter('alice');
      for (const ref of ['', 'x'.repeat(64), 0, -5, Number.MAX_SAFE_INTEGER])
        demandEqual((await peer.ask({ type: 'ping' }, ref)).type, 'pong', `the answer to ${JSON.stringify(ref)}`);
      const before = peer.received.length;
      peer.say({ type: 'ping' });
      const findPong = () => peer.received.slice(before).find(({ type }) => type === 'pong');
      const pong = await peer.until('a pong', findPong);
      demandEqual('ref' in pong, false, 'whether the answer to a frame without a ref has one');
    },
  },
  {
    id: 'frames.order',
    says: 'Frames that are said without waiting are answered in their order, sends and others alike.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const refs = Array.from({ length: 60 }, (_, i) => 1_000 + i);
      for (const ref of refs) {
        const kinds = [
          sending(chat_id, 'x'),
          sending(chat_id, ' '),
          { type: 'ping' },
          sending(randomUUID(), 'x'),
          { type: 'sync', chat_id, after: 0, after_seq: 0 },
          { type: 'nothing' },
        ];
        peer.say({ ref, ...kinds[ref % kinds.length] });
      }
      await Promise.all(refs.map((ref) => peer.answerTo(ref)));
      const answered = peer.received.map(({ ref }) => ref).filter((ref) => refs.includes(ref as number));
      demandEqual(answered, refs, 'the refs of the answers');
    },
  },
  {
    id: 'frames.unknown-fields',
    says: 'Fields that the server does not know are ignored.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const chat_id = await stage.group(peer, []);
      const ack = await peer.ask({ ...sending(chat_id, 'x'), invented: { later: [1] }, seq: 99, ['__proto__x']: 1 });
      demandEqual(toTyped('ack', ack).seq, 1, 'the seq');
    },
  },
  {
    id: 'frames.unknown-types',
    says: 'A type that the server does not know is an error with the ref, and so is none.',
    async check(stage) {
      const peer = await stage.enter('alice');
      for (const type of ['invented', 'toString', '__proto__', 'ready', ''])
        await peer.refused({ type }, 'invalid_request');
      const ref = peer.newRef();
      peer.say({ ref });
      demandEqual((await peer.answerTo(ref)).type, 'error', 'the answer to a frame without a type');
      await peer.fence();
    },
  },
  {
    id: 'frames.mistakes',
    says: 'An invalid frame is answered with every mistake in it, and where each is.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const wrong = { type: 'send', chat_id: 'x', client_id: 5, text: '' };
      const { mistakes = [] } = await peer.refused(wrong, 'invalid_request');
      const places = mistakes.map(({ loc }) => String(loc.at(-1))).toSorted();
      demandEqual(places, ['chat_id', 'client_id', 'text'], 'the places of the mistakes');
    },
  },
  {
    id: 'frames.not-json',
    says: 'What is no JSON object is refused, and the socket stays usable.',
    async check(stage) {
      const peer = await stage.enter('alice');
      for (const text of ['', '{', 'hello', '{"type":"ping"'])
        await refusesText(peer, text, 'malformed_json', 'invalid_request');
      for (const text of ['[]', '1', 'null', '"ping"', '[{"type":"ping"}]'])
        await refusesText(peer, text, 'invalid_request', 'malformed_json');
    },
  },
  {
    id: 'frames.binary',
    says: 'A binary frame is refused, and the socket stays usable.',
    async check(stage) {
      const peer = await stage.enter('alice');
      await refusesText(peer, Buffer.from('{"type":"ping"}'), 'malformed_json', 'invalid_request');
    },
  },
  {
    id: 'frames.deep',
    says: 'JSON that is nested too deeply, or has too many keys or elements, is refused.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const { maxDepth, maxKeys, maxElements } = limits.json;
      const keys = Array.from({ length: maxKeys }, (_, i) => `"k${i}":1`).join(',');
      const tooMuch = [`"x":${nest(maxDepth + 1)}`, `"x":${nest(50_000)}`, keys, `"x":[${'1,'.repeat(maxElements)}1]`];
      for (const more of tooMuch) {
        const before = peer.received.length;
        peer.say(pinging(more));
        const { code } = toTyped('error', await peer.until('an error', () => findError(peer, before)));
        demandEqual(code, 'too_deep', `the refusal of ${more.slice(0, 40)}`);
      }
      await peer.fence();
    },
  },
  {
    id: 'frames.too-large',
    says: 'A frame of exactly max_frame_bytes is read; one byte more closes the socket with 1009.',
    async check(stage) {
      const peer = await stage.enter('alice');
      const { max_frame_bytes } = peer.ready!.limits;
      peer.say(pingOf(max_frame_bytes));
      demandEqual((await peer.answerTo('size')).type, 'pong', 'the answer to a frame of the largest size');
      peer.say(pingOf(max_frame_bytes + 1));
      demandEqual(await peer.closed(), closeCodes.tooLarge, 'the close code');
    },
  },
];
