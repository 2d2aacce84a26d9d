import type { Socket } from 'node:net';
import { forEachNumber, openSocket } from './frames.ts';
import { speeches } from './speech.ts';

/** Logged-in sockets that say nothing. */
export class IdleCrowd {
  readonly #sockets: Socket[] = [];

  /** Opens a socket for each of so many people; resolves when all of them are logged in. */
  async open({ port, people }: { port: number; people: number }): Promise<void> {
    await forEachNumber(people, 30, async (person) => {
      await new Promise<void>((resolve, reject) => {
        const onFrame = (bytes: number): void => (bytes < 60 ? resolve() : reject(new Error('a login was refused')));
        openSocket(speeches.plain.handshake(port, person), { onFrame }).then(
          (socket) => this.#sockets.push(socket),
          reject,
        );
      });
    });
  }
}
