import { randomUUID } from 'node:crypto';
import { createTokenOf, idOf } from '../support/world.ts';
import { toClientFrame, type Handshake } from './frames.ts';

/** What a sender says, as bytes that are made once: only the ids of a message are written anew. */
export interface Speech {
  handshake(port: number, person: number): Handshake;
  /** Sent right after the handshake. */
  greeting(person: number): Buffer | undefined;
  /** How many frames the server has sent when the login is done. */
  framesOfLogin: number;
  /** A frame that differs from all before. */
  createMessages(person: number, chat: number): () => Buffer;
  /** An answer to a frame of one byte, the server's heartbeat. */
  heartbeat: Buffer | undefined;
}

const text = 'How are you? It has been a while since we last talked.';
const placeholder = '00000000-0000-4000-8000-000000000000';

const tokenOf = createTokenOf();

const fillIds =
  (template: Buffer, writers: ((frame: Buffer) => void)[]): (() => Buffer) =>
  () => {
    const frame = Buffer.from(template);
    for (const write of writers) write(frame);
    return frame;
  };

/** The product's plain dialect. */
const plain: Speech = {
  handshake: (port, person) => ({ port, path: '/ws', token: tokenOf(person) }),
  greeting: () => undefined,
  framesOfLogin: 1,
  createMessages(person, chat) {
    const frame = toClientFrame(
      JSON.stringify({
        client_id: placeholder,
        sender_id: idOf('user', person),
        chat_id: idOf('chat', chat),
        timestamp: '2025-05-04T04:45:50Z',
        text,
      }),
    );
    const at = frame.indexOf(placeholder);
    return fillIds(frame, [(copy) => void copy.write(randomUUID(), at, 'latin1')]);
  },
  heartbeat: undefined,
};

const firstAck = 1_000_000;
const acks = 9_000_000;

/** Socket.IO 4 over Engine.IO 4: `42` and the number of the ack wanted, then an event as JSON. */
const socketIo: Speech = {
  handshake: (port) => ({ port, path: '/socket.io/?EIO=4&transport=websocket' }),
  greeting: (person) => toClientFrame(`40${JSON.stringify({ token: tokenOf(person) })}`),
  framesOfLogin: 2,
  createMessages(person, chat) {
    const body = { client_id: placeholder, sender_id: idOf('user', person), chat_id: idOf('chat', chat), text };
    const frame = toClientFrame(`42${firstAck}${JSON.stringify(['message', body])}`);
    const at = frame.indexOf(placeholder);
    const ackAt = frame.indexOf(String(firstAck));
    let sent = 0;
    return fillIds(frame, [
      (copy) => void copy.write(randomUUID(), at, 'latin1'),
      (copy) => void copy.write(String(firstAck + (sent++ % acks)), ackAt, 'latin1'),
    ]);
  },
  heartbeat: toClientFrame('3'),
};

export const speeches = { plain, socketIo };
