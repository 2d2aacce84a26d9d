import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { z } from 'zod';

/** Where the client under test is to connect, and as whom. */
export interface Place {
  /** `ws://127.0.0.1:port/ws`. */
  url: string;
  token: string;
  identifier: string;
  password: string;
  chatId: string;
}

/** A message as a client shows it. */
export interface Shown {
  seq: number;
  text: string;
}

/** The client under test. What it cannot do skips the rules that need it. */
export interface Subject {
  /** Connects and keeps the chat up to date. */
  start: (place: Place) => Promise<void>;
  stop: () => Promise<void>;
  send?: (chatId: string, text: string) => Promise<void>;
  /** What it shows of a chat, ascending; undefined when it does not say. */
  view?: (chatId: string) => Promise<Shown[] | undefined>;
}

const shown = z.object({ view: z.array(z.object({ seq: z.int(), text: z.string() })) });

const viewMs = 2_000;

/**
 * A program, started once for each rule: it finds its place in the environment (CONFORMANCE_URL, CONFORMANCE_TOKEN,
 * CONFORMANCE_IDENTIFIER, CONFORMANCE_PASSWORD, CONFORMANCE_CHAT) and reads from its input what to do, a JSON object a line:
 * `{"do":"send","chat_id","text"}`, and `{"do":"view","chat_id"}`, which it may answer on its output by
 * `{"view":[{"seq","text"},…]}`. Other lines of its output are ignored.
 */
export function createProgram(command: string): Subject {
  let child: ReturnType<typeof spawn> | undefined;
  let lines: Interface | undefined;
  const say = (what: object): void => void child?.stdin?.write(`${JSON.stringify(what)}\n`);
  return {
    start({ url, token, identifier, password, chatId }) {
      child = spawn(command, {
        shell: true,
        detached: true,
        stdio: ['pipe', 'pipe', 'inherit'],
        env: {
          ...process.env,
          CONFORMANCE_URL: url,
          CONFORMANCE_TOKEN: token,
          CONFORMANCE_IDENTIFIER: identifier,
          CONFORMANCE_PASSWORD: password,
          CONFORMANCE_CHAT: chatId,
        },
      });
      child.stdin!.on('error', () => undefined);
      lines = createInterface({ input: child.stdout! });
      return Promise.resolve();
    },
    async stop() {
      const ended = child;
      child = undefined;
      lines?.close();
      if (!ended || ended.exitCode !== null || ended.signalCode !== null) return;
      // A shell does not hand a signal on; the program is in its group.
      const exit = once(ended, 'exit');
      process.kill(-ended.pid!, 'SIGKILL');
      await exit;
    },
    send: (chat_id, text) => Promise.resolve(say({ do: 'send', chat_id, text })),
    async view(chat_id) {
      const found = new Promise<Shown[] | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), viewMs);
        lines?.on('line', (line) => {
          const parsed = line.startsWith('{"view"') ? shown.safeParse(JSON.parse(line)) : undefined;
          if (!parsed?.success) return;
          clearTimeout(timer);
          resolve(parsed.data.view);
        });
      });
      say({ do: 'view', chat_id });
      try {
        return await found;
      } finally {
        lines?.removeAllListeners('line');
      }
    },
  };
}

/** Somebody who starts a client by hand, and does in it what is asked for. */
export function createPerson(ask: (text: string) => void): Subject {
  return {
    start({ url, token, identifier, password }) {
      ask(`Connect your client to ${url}: token ${token}, or ${identifier} with the password ${password}.`);
      return Promise.resolve();
    },
    stop: () => Promise.resolve(),
    send: (chatId, text) => Promise.resolve(ask(`Send this text in the chat ${chatId}: ${text}`)),
  };
}
