import { isUtf8 } from 'node:buffer';
import { arrayNames, DatasetError, type ArrayName } from './dataset.ts';

/**
 * Cuts a data file into its records while it is being read, so that memory is bounded by the largest record and not by
 * the file: `JSON.parse` of the whole needs many times its size, and general streaming parsers build every token as an
 * object. Only the outer two levels are read here, byte by byte; each record goes to `JSON.parse` as a whole, so what
 * is inside is judged by the real parser.
 *
 * Invariant between two chunks: `#rest` holds only what is not consumed, and starts with a token or white space.
 */
const maxRecordBytes = 1024 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isOpening = (byte: number | undefined): boolean => byte === 0x7b || byte === 0x5b;
const isClosing = (byte: number | undefined): boolean => byte === 0x7d || byte === 0x5d;

/** The position after the string that starts at `from`, or -1 when the bytes end before it does. */
function findStringEnd(bytes: Buffer, from: number): number {
  let end = from;
  for (;;) {
    end = bytes.indexOf(quote, end + 1);
    if (end < 0) return -1;
    let escapes = end - 1;
    while (bytes[escapes] === backslash) escapes--;
    if ((end - 1 - escapes) % 2 === 0) return end + 1;
  }
}

/** The position after the value that starts at `from`, or -1 when the bytes end before it does. */
function findValueEnd(bytes: Buffer, from: number): number {
  let depth = 0;
  let at = from;
  while (at < bytes.length) {
    const byte = bytes[at];
    if (byte === quote) {
      at = findStringEnd(bytes, at);
      if (at < 0) return -1;
    } else if (isOpening(byte)) {
      depth++;
      at++;
    } else if (isClosing(byte)) {
      if (depth === 0) return at;
      depth--;
      at++;
    } else {
      if (depth === 0 && (byte === 0x2c || isSpace(byte))) return at;
      at++;
      continue;
    }
    if (depth === 0) return at;
  }
  return -1;
}

export interface RawRecord {
  array: ArrayName;
  /** Its place in the array, from 0. */
  index: number;
  value: unknown;
}

/** What may stand next outside records, and the marks that are fine there. */
const marks = {
  '{': '{',
  'name or }': '}',
  name: '',
  ':': ':',
  '[': '[',
  'record or ]': ']',
  record: '',
  ', or ]': ',]',
  ', or }': ',}',
  end: '',
};
type Expected = keyof typeof marks;

export class RecordReader {
  #rest: Buffer = Buffer.alloc(0);
  #expected: Expected = '{';
  #array: ArrayName | undefined;
  #index = 0;
  readonly #seen = new Set<string>();
  readonly #records: RawRecord[] = [];

  /** The records that end in this chunk. Throws DatasetError with the place of what is wrong. */
  push(chunk: Buffer): RawRecord[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      while (isSpace(this.#rest[at])) at++;
      const next = at < this.#rest.length ? this.#take(at) : -1;
      if (next < 0) break;
      at = next;
    }
    this.#rest = this.#rest.subarray(at);
    if (this.#rest.length > maxRecordBytes)
      throw new DatasetError(`${this.#place()}: longer than ${maxRecordBytes} bytes`);
    return this.#records.splice(0);
  }

  /** To be called after the last chunk: throws DatasetError when the file is cut short or lacks an array. */
  end(): void {
    if (this.#expected !== 'end')
      throw new DatasetError(`${this.#place()}: the file ends here, before its closing brackets`);
    const missing = arrayNames.filter((name) => !this.#seen.has(name));
    if (missing.length > 0) throw new DatasetError(missing.map((name) => `${name}: Field required`).join('\n'));
  }

  #place(): string {
    return this.#array === undefined ? 'the file' : `${this.#array}[${this.#index}]`;
  }

  #fail(what: string): never {
    throw new DatasetError(`${this.#place()}: ${what}`);
  }

  /** Consumes the token or value at `at`; the position after it, or -1 when more bytes are needed. */
  #take(at: number): number {
    const expected = this.#expected;
    const char = String.fromCharCode(this.#rest[at] ?? 0);
    if (expected === 'name' || (expected === 'name or }' && char !== '}')) return this.#takeName(at);
    if (expected === 'record' || (expected === 'record or ]' && char !== ']')) return this.#takeRecord(at);
    if (!marks[expected].includes(char)) this.#fail(`not valid JSON of the expected shape: ${expected} expected`);
    this.#expected = this.#afterMark(char);
    return at + 1;
  }

  #afterMark(char: string): Expected {
    if (char === '{') return 'name or }';
    if (char === ':') return '[';
    if (char === '[') return 'record or ]';
    if (char === '}') return 'end';
    if (char === ',') return this.#expected === ', or ]' ? 'record' : 'name';
    this.#array = undefined;
    return ', or }';
  }

  #takeName(at: number): number {
    if (this.#rest[at] !== quote) this.#fail('not valid JSON: a name in quotes expected');
    const end = findStringEnd(this.#rest, at);
    if (end < 0) return -1;
    const name = this.#rest.toString('utf8', at + 1, end - 1);
    const array = arrayNames.find((known) => known === name);
    if (array === undefined) this.#fail(`there is an array or field besides ${arrayNames.join(', ')}`);
    if (this.#seen.has(array)) this.#fail(`${array} is there twice`);
    this.#seen.add(array);
    this.#array = array;
    this.#index = 0;
    this.#expected = ':';
    return end;
  }

  #takeRecord(at: number): number {
    const end = findValueEnd(this.#rest, at);
    if (end < 0) return -1;
    const bytes = this.#rest.subarray(at, end);
    if (!isUtf8(bytes)) this.#fail('not valid UTF-8');
    this.#records.push({ array: this.#array!, index: this.#index, value: this.#parse(bytes) });
    this.#index++;
    this.#expected = ', or ]';
    return end;
  }

  #parse(bytes: Buffer): unknown {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      return this.#fail('not valid JSON');
    }
  }
}
