/**
 * The terminal client: one login, at most one chat on the screen. Typed lines are done one after the other, so a script that
 * opens a chat and writes into it does what it says; what happens meanwhile is shown as it comes.
 */
import type { Messenger } from '../../src/client/index.ts';

import { runLine, typedNames } from './commands.ts';
import type { Desk } from './command.ts';
import { exitCodes } from './complaint.ts';
import { Conversation } from './conversation.ts';
import { needsPassword, type Login } from './login.ts';
import type { Look } from './look.ts';
import { Names } from './names.ts';
import { LineJoiner } from './parse-line.ts';
import { toSafeLine } from './safe-text.ts';
import { sayError, toExitCode } from './say-error.ts';
import type { Screen } from './screen.ts';
import { Surroundings } from './surroundings.ts';
import { waitForOutbox, within } from './wait.ts';

export interface TerminalOptions {
  screen: Screen;
  look: Look;
  /** Starts to log in; `isAnew`: what was kept of an earlier login works no more. */
  logIn: (identifier: string, isAnew: boolean) => Promise<Login>;
  identifier: string;
  /** The chat to begin with. */
  openFirst: string | undefined;
  showsFrames: boolean;
  /** How long lines that nobody types wait for the server, and for what they sent to be stored. */
  waitMs: number;
}

/** How long somebody at a terminal waits for their last words to be stored. */
const partingMs = 2_000;

export class Terminal implements Desk {
  readonly screen: Screen;
  readonly look: Look;
  readonly #options: TerminalOptions;
  readonly #joiner = new LineJoiner();
  readonly #surroundings: Surroundings;
  #login!: Login;
  #names!: Names;
  #stopListening: () => void = () => undefined;
  #conversation: Conversation | undefined;
  #isOver = false;
  #exitCode: number = exitCodes.done;
  listed: readonly string[] = [];
  found: readonly string[] = [];
  showsFrames: boolean;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.screen = options.screen;
    this.look = options.look;
    this.showsFrames = options.showsFrames;
    this.#surroundings = new Surroundings(this);
  }

  get messenger(): Messenger {
    return this.#login.messenger;
  }

  get names(): Names {
    return this.#names;
  }

  get conversation(): Conversation | undefined {
    return this.#conversation;
  }

  print(...lines: string[]): void {
    this.screen.print(...lines);
  }

  /** Runs until nothing more is typed or the session ends. The answer is how the process is to end. */
  async run(): Promise<number> {
    this.#take(await this.#options.logIn(this.#options.identifier, false));
    try {
      const started = this.#start();
      // Lines of a script wait until it is known what they speak of; a person may want to leave.
      if (this.screen.isTerminal) started.catch((error: unknown) => this.#giveUp(error));
      else await within(started, this.#options.waitMs, this.look.t.notReached(this.#login.url));
      if (!this.#isOver) await this.#readLines();
      await this.#part();
    } finally {
      this.#isOver = true;
      this.#stopListening();
      this.screen.close();
      await this.#login[Symbol.asyncDispose]();
    }
    return this.#exitCode;
  }

  async #readLines(): Promise<void> {
    const lines = this.screen.lines({
      complete: (line) => this.#complete(line),
      onTyping: (line) => {
        if (!line.startsWith('/')) this.#conversation?.chat.typing();
      },
    });
    this.#surroundings.refreshPrompt();
    for await (const line of lines) {
      const whole = this.#joiner.take(line);
      if (whole !== undefined) await this.#do(whole);
      if (this.#isOver) return;
    }
  }

  async #do(line: string): Promise<void> {
    if (this.screen.isTerminal && line.startsWith('/')) this.print(this.look.paint.dim(`> ${toSafeLine(line)}`));
    try {
      await runLine(this, line);
    } catch (error) {
      const text = sayError(error, this.look.t);
      if (text === undefined) throw error;
      this.print(this.look.paint.red(`! ${text}`));
      if (!this.screen.isTerminal) this.#exitCode = toExitCode(error);
    }
    if (!this.#isOver) this.#surroundings.refreshPrompt();
  }

  #complete(line: string): [found: string[], part: string] {
    const part = /^\/\S*$/.exec(line)?.[0] ?? /@\S*$/.exec(line)?.[0] ?? '';
    if (part === '') return [[], ''];
    const members = this.#conversation?.chat.view?.members ?? [];
    const handles = members.flatMap(({ user_id }) => this.#names.findPerson(user_id)?.username ?? []);
    const all = part.startsWith('/') ? typedNames.map((name) => `/${name} `) : handles.map((name) => `@${name} `);
    return [all.filter((name) => name.startsWith(part)), part];
  }

  /** A login becomes the one that is shown. */
  #take(login: Login): void {
    this.#login = login;
    this.#names = new Names(login.messenger, this.look);
    this.#conversation = undefined;
    this.listed = [];
    this.found = [];
    this.print(this.look.paint.dim(this.look.t.connecting(login.url)));
    const stop = this.#surroundings.listen();
    const end = login.messenger.on('session_ended', ({ error }) => {
      if (login.messenger.user !== undefined) this.#giveUp(error);
    });
    this.#stopListening = () => {
      stop();
      end();
    };
  }

  /** Resolves when one's chats are known and shown. */
  async #start(): Promise<void> {
    try {
      await this.messenger.ready();
    } catch (error) {
      if (!needsPassword(error)) throw error;
      const { identifier } = this.#login;
      await this.#letGo();
      this.#take(await this.#options.logIn(identifier, true));
      await this.messenger.ready();
    }
    this.print(this.look.t.loggedIn(this.#names.ownName));
    const { openFirst } = this.#options;
    if (openFirst === undefined) await runLine(this, '/chats');
    else await this.#do(`/open ${openFirst}`);
    this.#surroundings.refreshPrompt();
  }

  async #letGo(): Promise<void> {
    this.#stopListening();
    await this.#login[Symbol.asyncDispose]();
  }

  /** The session has ended, or never began. */
  #giveUp(error: unknown): void {
    if (this.#isOver) return;
    this.#exitCode = toExitCode(error);
    this.print(this.look.paint.red(this.look.t.sessionEnded(sayError(error, this.look.t) ?? String(error))));
    this.quit();
  }

  async openChat(chatId: string): Promise<void> {
    this.closeChat();
    const { screen, look, messenger, names } = this;
    const conversation = new Conversation({ messenger, screen, look, names, chatId });
    this.#conversation = conversation;
    try {
      await conversation.open();
    } catch (error) {
      this.closeChat();
      throw error;
    }
    this.#surroundings.onOpened();
  }

  closeChat(): void {
    this.#conversation?.close();
    this.#conversation = undefined;
    this.#surroundings.onOpened();
  }

  async logInAs(identifier: string): Promise<void> {
    const login = await this.#reach(identifier, false).catch((error: unknown) => {
      // What a script says next is not for the one who is still logged in to say.
      if (!this.screen.isTerminal) this.quit();
      throw error;
    });
    await waitForOutbox(this.messenger, partingMs);
    this.closeChat();
    await this.#letGo();
    this.#take(login);
    await this.#start();
  }

  /** A login that has arrived; until then the one before it stays. */
  async #reach(identifier: string, isAnew: boolean): Promise<Login> {
    const login = await this.#options.logIn(identifier, isAnew);
    try {
      await within(login.messenger.ready(), this.#options.waitMs, this.look.t.notReached(login.url));
      return login;
    } catch (error) {
      await login[Symbol.asyncDispose]();
      if (isAnew || !needsPassword(error)) throw error;
      return this.#reach(identifier, true);
    }
  }

  async logOut(): Promise<void> {
    await this.messenger.logOut();
    await this.#login.forget();
    this.print(this.look.t.forgotten);
    this.quit();
  }

  quit(): void {
    this.#isOver = true;
    this.screen.close();
  }

  /** What was said last may be on its way; what cannot be sent now is kept, and that is told. */
  async #part(): Promise<void> {
    const { messenger, screen, look } = this;
    const waitMs = !screen.isTerminal ? this.#options.waitMs : messenger.state === 'online' ? partingMs : 0;
    await waitForOutbox(messenger, waitMs);
    const left = messenger.store.get('outbox');
    if (left.length === 0) return;
    const refused = left.filter(({ status }) => status === 'failed').length;
    const waiting = left.length - refused;
    if (refused > 0) screen.print(look.t.refused(refused));
    if (waiting > 0) screen.print(look.t.waiting(waiting));
    if (this.#exitCode !== exitCodes.done || screen.isTerminal) return;
    this.#exitCode = waiting === 0 ? exitCodes.refused : exitCodes.unreachable;
  }
}
