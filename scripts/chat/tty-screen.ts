/**
 * A terminal with a line being typed at its foot and everything else above it. Before something is printed the typed line is
 * taken away, after it readline draws it again. The last block can be shown anew in its place, since it is known how many rows
 * it takes; anything that stands further up is never touched.
 */
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { guardLine, toSafeLine } from './safe-text.ts';
import type { Block, Screen, Typist } from './screen.ts';
import { countRows } from './width.ts';

export type TtyInput = Readable & { setRawMode?: (isRaw: boolean) => unknown };
export type TtyOutput = Writable & { columns?: number };

/** readline keeps where its cursor stands under this name, and has no method to tell it otherwise. */
type Placed = Interface & { prevRows: number };

const noTypist: Typist = { complete: () => [[], ''], onTyping: () => undefined };

export class TtyScreen implements Screen {
  readonly isTerminal = true;
  readonly #input: TtyInput;
  readonly #output: TtyOutput;
  readonly #typed: string[] = [];
  #wake: () => void = () => undefined;
  #isOver = false;
  #reader: Placed | undefined;
  #typist = noTypist;
  #prompt = '> ';
  #last: Block | undefined;

  constructor(input: TtyInput, output: TtyOutput) {
    this.#input = input;
    this.#output = output;
  }

  async *lines(typist: Typist): AsyncGenerator<string> {
    this.#typist = typist;
    this.#open();
    for (;;) {
      const line = this.#typed.shift();
      if (line !== undefined) yield line;
      else if (this.#isOver) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #open(): void {
    const reader = createInterface({
      input: this.#input,
      output: this.#output,
      terminal: true,
      historySize: 200,
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#typist.complete(line),
      prompt: this.#prompt,
    }) as Placed;
    this.#reader = reader;
    reader.on('line', (line) => this.#take(line));
    reader.on('SIGINT', () => {
      if (reader.line === '') this.#end();
      else for (const name of ['e', 'u']) reader.write(null, { ctrl: true, name });
    });
    reader.on('close', () => {
      if (this.#reader === reader) this.#end();
    });
    this.#input.on('keypress', this.#onKey);
    reader.prompt();
  }

  readonly #onKey = (): void => {
    if (this.#reader && this.#reader.line !== '') this.#typist.onTyping(this.#reader.line);
  };

  /** What was typed goes from the screen: whoever takes it shows what came of it. */
  #take(line: string): void {
    const rows = countRows(this.#prompt + line, this.#columns);
    this.#output.write(`\u001b[${rows}A\r\u001b[J`);
    this.#typed.push(line);
    this.#wake();
    this.#draw();
  }

  #end(): void {
    this.#isOver = true;
    this.#wake();
  }

  get #columns(): number {
    return this.#output.columns ?? 80;
  }

  /** Takes the typed line away, and `rows` above it. */
  #clear(rows: number): void {
    const up = rows + (this.#reader?.getCursorPos().rows ?? 0);
    this.#output.write(`${up > 0 ? `\u001b[${up}A` : ''}\r\u001b[J`);
  }

  #draw(): void {
    if (!this.#reader) return;
    this.#reader.prevRows = 0;
    this.#reader.prompt(true);
  }

  print(...lines: string[]): Block {
    const block = { lines: lines.map(guardLine) };
    if (lines.length === 0) return block;
    this.#clear(0);
    this.#output.write(`${block.lines.join('\n')}\n`);
    this.#last = block;
    this.#draw();
    return block;
  }

  replace(block: Block, lines: string[]): boolean {
    if (this.#last !== block) return false;
    const rows = block.lines.reduce((sum, line) => sum + countRows(line, this.#columns), 0);
    (block as { lines: readonly string[] }).lines = lines.map(guardLine);
    this.#clear(rows);
    this.#output.write(`${block.lines.join('\n')}\n`);
    this.#draw();
    return true;
  }

  setPrompt(prompt: string): void {
    const guarded = guardLine(prompt);
    if (guarded === this.#prompt) return;
    this.#clear(0);
    this.#prompt = guarded;
    this.#reader?.setPrompt(guarded);
    this.#draw();
  }

  prefill(text: string): void {
    // Typed as keys: what is more than a line of text would act as keys.
    if (this.#reader?.line === '' && toSafeLine(text) === text) this.#reader.write(text);
  }

  /** readline steps aside meanwhile: it would show and remember what is typed. */
  async askSecret(question: string): Promise<string | undefined> {
    const wasOpen = this.#reader !== undefined;
    this.#closeReader();
    const secret = await readSecret(this.#input, this.#output, guardLine(question));
    if (wasOpen && !this.#isOver) this.#open();
    return secret;
  }

  #closeReader(): void {
    const reader = this.#reader;
    if (!reader) return;
    this.#clear(0);
    this.#reader = undefined;
    this.#input.off('keypress', this.#onKey);
    reader.close();
  }

  close(): void {
    this.#closeReader();
    this.#end();
    this.#input.pause();
  }
}

const keys = { enter: /[\r\n]/, refuse: /[\u0003\u0004]/, rubOut: /[\u0008\u007f]/ };

/** Reads a line that is not shown. */
function readSecret(input: TtyInput, output: Writable, question: string): Promise<string | undefined> {
  output.write(question);
  input.setRawMode?.(true);
  input.resume();
  return new Promise((resolve) => {
    let typed: string[] = [];
    const finish = (secret: string | undefined): void => {
      input.off('data', onData);
      input.setRawMode?.(false);
      input.pause();
      output.write('\n');
      resolve(secret);
    };
    const onData = (chunk: Buffer | string): void => {
      for (const key of chunk.toString()) {
        if (keys.enter.test(key)) return finish(typed.join(''));
        if (keys.refuse.test(key)) return finish(undefined);
        if (keys.rubOut.test(key)) typed = typed.slice(0, -1);
        else typed.push(key);
      }
    };
    input.on('data', onData);
  });
}

/** Asks on the terminal where there is one, beside a command whose output goes elsewhere. */
export const askSecretOnTerminal = (question: string): Promise<string | undefined> =>
  process.stdin.isTTY ? readSecret(process.stdin, process.stderr, guardLine(question)) : Promise.resolve(undefined);
