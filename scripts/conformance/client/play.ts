/** One script being played to a client: what is on the stage, what the client said, and what every client must keep. */
import { randomUUID } from 'node:crypto';
import { fullClientFrames, type FullClientType } from '../../../src/protocol/full.ts';
import { limits } from '../../../src/protocol/limits.ts';
import { errorCatalogue } from '../../../src/protocol/errors.ts';
import { ModelChat, type Change } from '../model/chat.ts';
import { ModelServer, type AnyFrame, type ModelSocket } from '../model/server.ts';
import { Broken, demand } from '../rule.ts';
import type { Tape } from '../tape.ts';
import { Known } from './known.ts';
import type { Answering, Script } from './script.ts';
import type { Place, Subject } from './subject.ts';

export interface Heard {
  socket: ModelSocket;
  frame: AnyFrame;
  atMs: number;
}

export interface PlayOptions {
  script: Script;
  subject: Subject;
  tape: Tape;
  patienceMs: number;
  port?: number | undefined;
}

export const token = 'a-token-of-the-conformance-kit';
const identifier = 'bob@example.com';
const password = 'a password of the conformance kit';

export class Play implements AsyncDisposable {
  readonly options: PlayOptions;
  readonly server: ModelServer;
  chat: ModelChat;
  readonly me: string;
  readonly alice: string;
  known: Known;
  /** Everything that the client said. */
  readonly heard: Heard[] = [];
  /** When it logged in, and when a connection was opened. */
  readonly logins: number[] = [];
  readonly opened: number[] = [];
  /** Frames before this one are over and done with. */
  cursor = 0;
  /** Logins and the moment before which nothing counts. */
  loginCursor = 0;
  sinceMs = performance.now();
  /** Changes that were not told yet, by name. */
  readonly kept = new Map<string, AnyFrame>();
  /** Frames of the client that later steps refer to. */
  readonly remembered = new Map<string, AnyFrame>();
  readonly answering = new Map<string, Answering[]>();
  readonly #late: (() => void)[] = [];
  readonly #frozen = new Set<ModelSocket>();
  readonly #pending = new Map<ModelSocket, Set<unknown>>();
  isRefusing = false;
  /** The client does not say what it shows. */
  isBlind = false;
  #broken: string | undefined;
  readonly #waiting: (() => void)[] = [];

  private constructor(options: PlayOptions, server: ModelServer) {
    this.options = options;
    this.server = server;
    this.alice = server.addPerson('Alice').id;
    this.me = server.addPerson('Bob').id;
    this.chat = new ModelChat('Conformance');
    server.world.chats.set(this.chat.id, this.chat);
    this.chat.create(this.alice, [this.me]);
    for (let i = 1; i <= options.script.messages; i++) this.chat.store({ sender_id: this.alice, text: `message ${i}` });
    this.known = new Known(this.chat.id);
  }

  static async start(options: PlayOptions): Promise<Play> {
    const hooks: { play?: Play } = {};
    const server = await ModelServer.start({
      ...(options.port !== undefined && { port: options.port }),
      heartbeatMs: options.script.heartbeat_ms,
      authenticate: (login) =>
        login.token === token || (login.identifier === identifier && login.password === password)
          ? hooks.play!.me
          : undefined,
      opened: (socket) => hooks.play!.#open(socket),
      closed: (socket, code) => hooks.play!.#note(socket, 'client', `close ${code}`),
      heard: (socket, frame, text) => hooks.play!.#hear(socket, frame, text),
      saying: (socket, frame) => hooks.play!.#saying(socket, frame),
    });
    const play = (hooks.play = new Play(options, server));
    await options.subject.start(play.place);
    return play;
  }

  get place(): Place {
    return { url: `ws://127.0.0.1:${this.server.port}/ws`, token, identifier, password, chatId: this.chat.id };
  }

  #note(socket: ModelSocket, from: 'client' | 'server', text: string): void {
    this.options.tape.add({ socket: `client#${socket.id}`, from, text });
    this.#wake();
  }

  #wake(): void {
    this.#waiting.splice(0).forEach((wake) => wake());
  }

  #open(socket: ModelSocket): void {
    this.opened.push(performance.now());
    this.#note(socket, 'client', 'connects');
    if (this.isRefusing) socket.ws.close(1013);
  }

  /** Keeps in mind what every client must do, whatever is played; the first mistake ends the play. */
  #judge(socket: ModelSocket, frame: AnyFrame): void {
    const early = socket.userId === undefined && frame.type !== 'login' && frame.type !== 'ping';
    if (early) return this.break(`${frame.type} was said before the login was answered`);
    if (!Object.hasOwn(fullClientFrames, frame.type)) return this.break(`there is no frame of type ${frame.type}`);
    const { error } = fullClientFrames[frame.type as FullClientType].safeParse(frame);
    if (error) return this.break(`this ${frame.type} is not as the protocol has it: ${error.issues[0]!.message}`);
    const pending = this.#pending.get(socket) ?? new Set();
    this.#pending.set(socket, pending);
    if (frame.ref !== undefined && pending.has(frame.ref))
      return this.break(`the ref ${JSON.stringify(frame.ref)} was used again before its answer`);
    if (frame.ref !== undefined) pending.add(frame.ref);
    if (frame.type === 'sync' && frame['chat_id'] === this.chat.id && (frame['after'] as number) > this.known.watermark)
      this.break(
        `it asks for changes after ${String(frame['after'])}, but was told without a gap only up to ${this.known.watermark}`,
      );
  }

  /** Throws when the client has done what no client may. */
  check(): void {
    if (this.#broken !== undefined) throw new Broken(this.#broken);
  }

  break(reason: string): void {
    this.#broken ??= reason;
  }

  #hear(socket: ModelSocket, frame: AnyFrame, text: string): boolean {
    this.#note(socket, 'client', text);
    if (this.#frozen.has(socket)) return true;
    this.#judge(socket, frame);
    this.heard.push({ socket, frame, atMs: performance.now() });
    const how = this.answering.get(frame.type)?.shift() ?? 'truth';
    if (how === 'truth') {
      this.server.answer(socket, frame);
      if (frame.type === 'login' && socket.userId !== undefined) this.logins.push(performance.now());
    } else this.#answerOtherwise(socket, frame, how);
    this.#wake();
    return true;
  }

  #answerOtherwise(socket: ModelSocket, frame: AnyFrame, how: Exclude<Answering, 'truth'>): void {
    if (how === 'nothing') return;
    if (typeof how === 'object') {
      const { retry, text: message } = errorCatalogue[how.error];
      const { ref, client_id } = frame;
      const more = {
        ...(how.after_ms !== undefined && { after_ms: how.after_ms }),
        ...(client_id !== undefined && { client_id }),
      };
      return this.server.say(socket, {
        type: 'error',
        ...(ref !== undefined && { ref }),
        code: how.error,
        message,
        retry,
        ...more,
      });
    }
    // The truth of this moment, whenever and however it is said.
    const said: AnyFrame[] = [];
    this.#catching = said;
    this.server.answer(socket, frame);
    this.#catching = undefined;
    if (how === 'half') sayHalf(socket, JSON.stringify(said[0]));
    if (how === 'held') this.#late.push(() => said.forEach((answer) => this.server.say(socket, answer)));
  }

  #catching: AnyFrame[] | undefined;

  #saying(socket: ModelSocket, frame: AnyFrame): AnyFrame[] {
    if (this.#frozen.has(socket)) return [];
    if (this.#catching) {
      this.#catching.push(frame);
      return [];
    }
    if (frame.ref !== undefined) this.#pending.get(socket)?.delete(frame.ref);
    if (frame.type === 'error' && frame['code'] === 'resume_not_possible') this.known.forget();
    this.known.note(frame);
    this.#note(socket, 'server', JSON.stringify(frame));
    return [frame];
  }

  /** The sockets on which the client is logged in. */
  get mine(): ModelSocket[] {
    return [...this.server.sockets].filter(({ userId }) => userId === this.me);
  }

  say(frame: AnyFrame): void {
    for (const socket of this.mine) this.server.say(socket, frame);
  }

  /** Tells a change now, or keeps it for later. */
  give(change: Change, { tell, as }: { tell: boolean; as?: string | undefined }): void {
    if (as !== undefined) this.kept.set(as, change);
    if (tell) this.say(change);
  }

  release(): void {
    for (const say of this.#late.splice(0)) say();
  }

  freeze(): void {
    for (const socket of this.server.sockets) {
      this.#frozen.add(socket);
      // Neither a pong nor a close is answered: the other end is gone and nobody said so.
      socket.stream.pause();
    }
  }

  /** What the client does from now on counts, not what it did before. */
  turn(): void {
    this.cursor = this.heard.length;
    this.loginCursor = this.logins.length;
    this.sinceMs = performance.now();
  }

  /** Another life of the database, in which the newest messages never were. */
  restore(dropping: number): void {
    const { world } = this.server;
    const kept = this.chat.messages.slice(0, -dropping);
    const { id } = this.chat;
    const chat = new ModelChat(this.chat.name);
    Object.assign(chat, { id, groupId: this.chat.groupId });
    chat.create(this.alice, [this.me]);
    for (const { text, client_id } of kept) chat.store({ sender_id: this.alice, text, client_id });
    world.epoch = randomUUID().slice(0, 8);
    world.chats.set(id, chat);
    this.chat = chat;
  }

  /** Waits until `look` finds something; at most four times the patience, however long a script would. */
  async until<T>(what: string, look: () => T | undefined, wantedMs = this.options.patienceMs): Promise<T> {
    const withinMs = Math.min(wantedMs, 4 * this.options.patienceMs);
    const signal = AbortSignal.timeout(withinMs);
    for (;;) {
      this.check();
      const found = look();
      if (found !== undefined) return found;
      demand(!signal.aborted, `${what}: not within ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.push(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  /** Watches for so long that nothing of a kind happens. */
  async never(what: string, look: () => boolean, forMs: number): Promise<void> {
    const endsAt = performance.now() + forMs;
    const waited = this.until(what, () => (look() || performance.now() >= endsAt - 1 ? true : undefined), forMs);
    await waited.catch(() => this.check());
    demand(!look(), what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.options.subject.stop();
    await this.server[Symbol.asyncDispose]();
  }
}

const longestShort = 125;

/** Half of a text frame, and then the connection is cut. */
function sayHalf({ stream }: ModelSocket, text: string): void {
  const payload = Buffer.from(text);
  const head = payload.length <= longestShort ? Buffer.from([0x81, payload.length]) : Buffer.from([0x81, 126, 0, 0]);
  if (payload.length > longestShort) head.writeUInt16BE(Math.min(payload.length, 65_535), 2);
  demand(payload.length < Math.min(65_536, limits.json.maxBytes), 'this answer is too long to be cut in half');
  stream.write(Buffer.concat([head, payload.subarray(0, payload.length / 2)]), () => stream.destroy());
}
