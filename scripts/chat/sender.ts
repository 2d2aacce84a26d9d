import { createHash } from 'node:crypto';
import { MessengerError, type Ack, type ChatHandle } from '../../src/client/index.ts';
import { exitCodes } from './complaint.ts';
import type { Look } from './look.ts';
import { sayError, toExitCode } from './say-error.ts';
import { toSafeLine } from './safe-text.ts';
import { within } from './wait.ts';

export interface SenderOptions {
  chat: ChatHandle;
  t: Look['t'];
  isJson: boolean;
  replyTo: number | undefined;
  clientId: string | undefined;
  /** How long a message waits to be stored. */
  waitMs: number;
  say: (line: string) => void;
  complain: (line: string) => void;
}

/** Messages on their way at a time: enough to be quick, few enough to be held. */
const maxAtOnce = 64;

/** A UUID that is the same for the same id and number, after the rules of version 8. */
export function deriveClientId(clientId: string, number: number): string {
  const hash = createHash('sha256').update(`${clientId} ${number}`).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}

/** Sends texts one after the other and says of each, in their order, what became of it. */
export class Sender {
  readonly #options: SenderOptions;
  readonly #waiting: Promise<void>[] = [];
  #number = 0;
  #exitCode: number = exitCodes.done;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** `isOnly`: it is the only one, and takes the client id as it is. Waits while too many are on their way. */
  async send(text: string, isOnly = false): Promise<void> {
    if (this.#waiting.length >= maxAtOnce) await this.#waiting.shift();
    const number = ++this.#number;
    const { chat, clientId, replyTo } = this.#options;
    const named = clientId === undefined ? {} : { clientId: isOnly ? clientId : deriveClientId(clientId, number) };
    const sending = chat.send({ text, ...named, ...(replyTo === undefined ? {} : { replyTo }) });
    const before = this.#waiting.at(-1);
    const told = this.#tell(sending.stored, { number, clientId: sending.clientId, text, before });
    this.#waiting.push(told);
  }

  async #tell(
    stored: Promise<Ack>,
    {
      number,
      clientId,
      text,
      before,
    }: { number: number; clientId: string; text: string; before: Promise<void> | undefined },
  ): Promise<void> {
    const { t, waitMs, isJson, say, complain } = this.#options;
    const outcome = await within(stored, waitMs, t.notStoredInTime).then(
      (ack) => ({ ack }),
      (error: unknown) => ({ error }),
    );
    await before;
    if ('ack' in outcome) return say(isJson ? JSON.stringify({ type: 'ack', ...outcome.ack }) : sayStored(outcome.ack));
    const reason = sayError(outcome.error, t);
    if (reason === undefined) throw outcome.error;
    this.#exitCode = Math.max(this.#exitCode, toExitCode(outcome.error));
    const code = outcome.error instanceof MessengerError ? outcome.error.code : 'timeout';
    if (isJson) say(JSON.stringify({ type: 'error', client_id: clientId, line: number, code, message: reason }));
    complain(`${number}: ${reason} ${toSafeLine(text, 40)}`);
  }

  /** Waits for all; how the process is to end. */
  async finish(): Promise<number> {
    await Promise.all(this.#waiting);
    return this.#exitCode;
  }
}

const sayStored = ({ seq, client_id, duplicate }: Ack): string => `#${seq} ${client_id}${duplicate ? ' (again)' : ''}`;
