import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { runAgainstClient } from '../../scripts/conformance/client/run.ts';
import { listScripts } from '../../scripts/conformance/client/script.ts';
import type { Place, Subject } from '../../scripts/conformance/client/subject.ts';
import { toLines } from '../../scripts/conformance/report.ts';
import type { Outcome } from '../../scripts/conformance/rule.ts';
import { connect, type Messenger } from '../../src/client/index.ts';

/** The SDK with one chat open. */
class SdkClient implements Subject {
  #messenger: Messenger | undefined;

  start({ url, token, chatId }: Place): Promise<void> {
    this.#messenger = connect({
      url: url.replace(/^ws/, 'http').replace(/\/ws$/, ''),
      auth: { accessToken: token },
      WebSocket,
    });
    // It ends with the messenger, also when that never got so far.
    this.#messenger
      .chat(chatId)
      .open()
      .catch(() => undefined);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await this.#messenger?.close();
  }

  send(chatId: string, text: string): Promise<void> {
    this.#messenger!
      .chat(chatId)
      .send(text)
      .stored.catch(() => undefined);
    return Promise.resolve();
  }

  view(chatId: string): Promise<{ seq: number; text: string }[]> {
    return Promise.resolve(this.#messenger!.chat(chatId).messages.rows.map(({ seq, text }) => ({ seq, text })));
  }
}

describe('the SDK keeps every rule of the conformance kit', () => {
  let outcomes: Outcome[];

  beforeAll(async () => {
    outcomes = await runAgainstClient({ subject: new SdkClient(), patienceMs: 20_000 });
  }, 300_000);

  test.each(listScripts().map(({ id }) => id))('%s', (id) => {
    const outcome = outcomes.find((one) => one.id === id)!;
    expect(outcome.result, toLines(outcome)).toBe('pass');
  });
});
