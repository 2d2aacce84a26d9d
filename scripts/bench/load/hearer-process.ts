import process from 'node:process';
import { WebSocket } from 'ws';
import { connect } from '../../../src/client/index.ts';
import { subprotocol } from '../../../src/protocol/version.ts';
import { answerQuestions, type Questions } from '../support/child.ts';
import { idOf } from '../support/world.ts';
import { tokenOf } from './full-client.ts';

/*
 * Somebody who hears a chat, alone in a process: through the SDK, or through a socket whose frames are taken apart and
 * thrown away, which is the least that any client does.
 */

interface HearerInput {
  port: number;
  person: number;
  chat: number;
}

let heard = 0;

const hearer = {
  async openSdk({ port, person, chat }: HearerInput): Promise<void> {
    const messenger = connect({ url: `http://127.0.0.1:${port}`, auth: { accessToken: tokenOf(person) }, WebSocket });
    messenger.on('message', () => void heard++);
    await messenger.ready();
    await messenger.chat(idOf('chat', chat)).open();
  },
  async openBare({ port, person }: HearerInput): Promise<void> {
    const headers = { authorization: `Bearer ${tokenOf(person)}` };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, subprotocol, { headers });
    socket.on('message', (data: Buffer) => {
      const { type } = JSON.parse(data.toString()) as { type: string };
      if (type === 'message') heard++;
    });
    await new Promise((resolve, reject) => socket.once('message', resolve).once('error', reject));
  },
  /** Messages that were heard so far, and the CPU time of the process in microseconds. */
  look: () => {
    const { user, system } = process.cpuUsage();
    return Promise.resolve({ heard, cpuMicros: user + system });
  },
} satisfies Questions;

export type Hearer = typeof hearer;

answerQuestions(hearer);
