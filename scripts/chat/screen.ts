import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { guardLine } from './safe-text.ts';

/** What was printed together and may be shown anew. */
export interface Block {
  readonly lines: readonly string[];
}

/** What the screen tells and asks while somebody types. */
export interface Typist {
  /** The texts that may stand for what is typed, and the part that they replace. */
  complete(line: string): [found: string[], part: string];
  /** Something was typed; `line` is all of it so far. */
  onTyping(line: string): void;
}

/** Where a person reads and types: a terminal, or lines in and out. All that is printed is made harmless here once more. */
export interface Screen {
  /** A person sits there: what was printed can be shown anew, and a password asked for. */
  readonly isTerminal: boolean;
  /** What is typed, line by line; ends when there is no more. */
  lines(typist: Typist): AsyncIterable<string>;
  print(...lines: string[]): Block;
  /** Shows a block anew in its place; false where that cannot be: something else was printed since, or this is no terminal. */
  replace(block: Block, lines: string[]): boolean;
  setPrompt(prompt: string): void;
  /** Puts a text into the line being typed, if it is empty. */
  prefill(text: string): void;
  /** Asks without showing what is typed; undefined where nobody can be asked or somebody refuses. */
  askSecret(question: string): Promise<string | undefined>;
  close(): void;
}

/** Lines in, lines out: for pipes, files and tests. No prompt, no cursor is moved. */
export class LineScreen implements Screen {
  readonly isTerminal = false;
  readonly #input: Readable;
  readonly #output: Writable;
  #close: () => void = () => undefined;

  constructor(input: Readable, output: Writable) {
    this.#input = input;
    this.#output = output;
  }

  lines(): AsyncIterable<string> {
    const reader = createInterface({ input: this.#input, terminal: false, crlfDelay: Infinity });
    this.#close = () => reader.close();
    return reader;
  }

  print(...lines: string[]): Block {
    if (lines.length > 0) this.#output.write(lines.map((line) => `${guardLine(line)}\n`).join(''));
    return { lines };
  }

  replace(): boolean {
    return false;
  }

  setPrompt(): void {}

  prefill(): void {}

  askSecret(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  close(): void {
    this.#close();
    this.#input.destroy();
  }
}
