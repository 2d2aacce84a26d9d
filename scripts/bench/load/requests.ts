import { connect, type Socket } from 'node:net';
import { createTokenOf } from '../support/world.ts';

/** Requests for a page of one chat; `{n}` in the path stands for a random whole number in [from, to). */
export interface RequestsInput {
  port: number;
  path: string;
  from: number;
  to: number;
  /** People who ask by turns, each with a token. */
  people: number;
  connections: number;
  ms: number;
}

const tokenOf = createTokenOf();
const tokens: string[] = [];
let turn = 0;

/** Asks on each connection again as soon as the answer is there, until the time is over. Any answer but 200 throws. */
export async function makeRequests(input: RequestsInput): Promise<{ done: number; ms: number }> {
  for (let person = tokens.length; person < input.people; person++) tokens.push(tokenOf(person));
  const startedAt = performance.now();
  const isOver = (): boolean => performance.now() - startedAt > input.ms;
  const done = await Promise.all(Array.from({ length: input.connections }, () => ask(input, isOver)));
  return { done: done.reduce((sum, n) => sum + n, 0), ms: performance.now() - startedAt };
}

const toRequest = ({ path, from, to, people }: RequestsInput): string => {
  const n = from + Math.floor(Math.random() * (to - from));
  const token = tokens[turn++ % people]!;
  return `GET ${path.replace('{n}', String(n))} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n\r\n`;
};

function ask(input: RequestsInput, isOver: () => boolean): Promise<number> {
  return new Promise((resolve, reject) => {
    let done = 0;
    const socket = connect({ port: input.port, host: '127.0.0.1', noDelay: true });
    const next = (): void => void socket.write(toRequest(input));
    socket.once('connect', next);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed a connection')));
    readAnswers(socket, {
      onAnswer() {
        done++;
        if (!isOver()) return next();
        socket.removeAllListeners('close');
        socket.destroy();
        resolve(done);
      },
      onRefusal: (answer) => reject(new Error(`not a page: ${answer}`)),
    });
  });
}

/** Follows answers by their content-length. */
function readAnswers(socket: Socket, on: { onAnswer(): void; onRefusal(answer: string): void }): void {
  let head = '';
  let left = 0;
  socket.on('data', (chunk: Buffer) => {
    if (left > 0) {
      left -= chunk.length;
      if (left <= 0) on.onAnswer();
      return;
    }
    const end = chunk.indexOf('\r\n\r\n');
    head += chunk.toString('latin1', 0, end < 0 ? chunk.length : end);
    if (end < 0) return;
    const length = /content-length: (\d+)/i.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 200') || length === undefined) return on.onRefusal(`${head}\n${chunk.toString()}`);
    head = '';
    left = Number(length) - (chunk.length - end - 4);
    if (left <= 0) on.onAnswer();
  });
}
