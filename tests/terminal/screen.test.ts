import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { OwnMessages } from '../../scripts/chat/own-messages.ts';
import { showMessage, showPending, type Progress } from '../../scripts/chat/show-messages.ts';
import { TtyScreen } from '../../scripts/chat/tty-screen.ts';
import { Turns } from '../../scripts/chat/turns.ts';
import { ids, PaperScreen, toLook, toMessage, toPending, toShown } from './plain.ts';

/** As much of a terminal as the screen uses: rows, a cursor, clearing to the end. */
class Paper {
  #rows: string[] = [''];
  #row = 0;
  #column = 0;

  get rows(): string[] {
    return this.#rows.map((row) => row.trimEnd());
  }

  write(text: string): void {
    for (const [part] of text.matchAll(/\u001b\[\d*[A-Za-z]|[^]/gu)) this.#take(part);
  }

  #wrap(): void {
    this.#rows[++this.#row] ??= '';
    this.#column = 0;
  }

  #take(part: string): void {
    const [, count = '', kind] = /^\u001b\[(\d*)([A-Za-z])$/.exec(part) ?? [];
    if (kind === 'A') this.#row = Math.max(0, this.#row - Number(count || 1));
    else if (kind === 'B') this.#row += Number(count || 1);
    else if (kind === 'G') this.#column = Number(count || 1) - 1;
    else if (kind === 'C') this.#column += Number(count || 1);
    else if (kind === 'D') this.#column -= Number(count || 1);
    else if (kind === 'J')
      this.#rows = [...this.#rows.slice(0, this.#row), (this.#rows[this.#row] ?? '').slice(0, this.#column)];
    else if (part === '\r') this.#column = 0;
    else if (part === '\n') this.#wrap();
    else if (kind === undefined) {
      if (this.#column === 80) this.#wrap();
      const row = (this.#rows[this.#row] ?? '').padEnd(this.#column);
      this.#rows[this.#row] = row.slice(0, this.#column) + part + row.slice(this.#column + 1);
      this.#column++;
    }
  }
}

function openTerminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough(), { columns: 80, isTTY: true });
  const paper = new Paper();
  output.setEncoding('utf8').on('data', (text: string) => paper.write(text));
  const screen = new TtyScreen(input, output);
  return { input, paper, screen };
}

const typist = { complete: (): [string[], string] => [[], ''], onTyping: () => undefined };

describe('a terminal', () => {
  it('shows what comes above the line that is being typed', async () => {
    const { input, paper, screen } = openTerminal();
    const lines = screen.lines(typist);
    const first = lines.next();
    input.write('Hel');
    await expect.poll(() => paper.rows.at(-1)).toBe('> Hel');
    screen.print('12:04 #14 Bob: Hello');
    screen.setPrompt('Bob> ');
    await expect.poll(() => paper.rows).toEqual(['12:04 #14 Bob: Hello', 'Bob> Hel']);
    input.write('lo\r');
    expect((await first).value).toBe('Hello');
    await expect.poll(() => paper.rows).toEqual(['12:04 #14 Bob: Hello', 'Bob>']);
    screen.close();
  });

  it('shows the last block anew in its place, and no other', async () => {
    const { paper, screen } = openTerminal();
    void screen.lines(typist).next();
    const first = screen.print('one');
    const second = screen.print(`two ${'x'.repeat(100)}`, 'three');
    expect(screen.replace(first, ['never'])).toBe(false);
    expect(screen.replace(second, ['two'])).toBe(true);
    expect(screen.replace(second, ['2', '3'])).toBe(true);
    await expect.poll(() => paper.rows).toEqual(['one', '2', '3', '>']);
    screen.close();
  });

  it('never shows a password', async () => {
    const { input, paper, screen } = openTerminal();
    const asked = screen.askSecret('Password of bob: ');
    input.write('se');
    input.write('x\u007fcret\r');
    expect(await asked).toBe('secret');
    expect(paper.rows.join('')).toBe('Password of bob:');
  });

  it('takes a refusal for no answer', async () => {
    const { input, screen } = openTerminal();
    const asked = screen.askSecret('Password of bob: ');
    input.write('sec\u0003');
    expect(await asked).toBeUndefined();
  });

  it('does not let control characters through, whoever prints them', async () => {
    const { paper, screen } = openTerminal();
    screen.print('a\u001b[2Jb\rc');
    await expect.poll(() => paper.rows[0]).toBe('a␛[2Jb␍c');
    screen.close();
  });
});

describe('own messages', () => {
  const follow = (isTerminal: boolean) => {
    const screen = new PaperScreen({ isTerminal });
    let progress: Progress = 'stored';
    const shown = toShown({ progressOf: () => progress });
    const own = new OwnMessages({ screen, look: toLook(), show: (message) => showMessage(message, shown) });
    const pending = toPending();
    own.handOver(pending, screen.print(...showPending(pending, shown)));
    const message = toMessage({ sender_id: ids.alice });
    const step = (next: Progress): void => {
      progress = next;
      own.onProgress(() => next);
    };
    return { screen, own, message, step, pending };
  };
  const ack = { ...toMessage(), duplicate: false };

  it('at a terminal change their mark with every step', () => {
    const { screen, own, message, step } = follow(true);
    expect(screen.text).toBe('12:04 You: Hello  ..');
    own.onAck(ack, ids.alice);
    expect(own.settle(message)).toBe(true);
    expect(screen.text).toBe('12:04 #14 You: Hello  +');
    step('delivered');
    expect(screen.text).toBe('12:04 #14 You: Hello  ++');
    step('seen');
    expect(screen.text).toBe('12:04 #14 You: Hello  **');
  });

  it('elsewhere say every step once, whichever of ack and message comes first', () => {
    for (const isAckFirst of [true, false]) {
      const { screen, own, message, step } = follow(false);
      if (isAckFirst) own.onAck(ack, ids.alice);
      expect(own.settle(message)).toBe(true);
      if (!isAckFirst) own.onAck(ack, ids.alice);
      step('delivered');
      step('delivered');
      step('seen');
      expect(screen.text.split('\n')).toEqual([
        '12:04 You: Hello  ..',
        '+ #14 Hello stored',
        '++ #14 delivered to all',
        '** #14 seen by all',
      ]);
    }
  });

  it('that come from another device are not taken for those of this one', () => {
    const { own } = follow(false);
    expect(own.settle(toMessage({ client_id: 'another', sender_id: ids.alice }))).toBe(false);
  });

  it('that are refused say why and what to do', () => {
    const { screen, own, pending } = follow(false);
    own.onFailed({ ...pending, status: 'failed' }, 'You are not a member.', () => []);
    expect(screen.text).toContain('!! Not sent: Hello (You are not a member.) /retry or /drop');
  });
});

describe('turns', () => {
  it('are taken in the order in which they came, though the first has to wait', async () => {
    const turns = new Turns();
    const done: number[] = [];
    let go: () => void = () => undefined;
    turns.take(() => done.push(1), new Promise((resolve) => (go = resolve)));
    turns.take(() => done.push(2));
    expect(done).toEqual([]);
    go();
    await expect.poll(() => done).toEqual([1, 2]);
    turns.take(() => done.push(3));
    expect(done).toEqual([1, 2, 3]);
  });
});
