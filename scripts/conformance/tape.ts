/** One frame or close, as it went over a socket. */
export interface Said {
  /** Milliseconds since the tape began. */
  at_ms: number;
  /** Whose socket: a name and a number. */
  socket: string;
  from: 'client' | 'server';
  /** The frame's text; of a close `close <code>`. */
  text: string;
}

const maxShownCharacters = 400;

/** Everything that was said on all sockets of a run, in order. */
export class Tape {
  readonly #said: Said[] = [];
  readonly #startedAt = performance.now();

  get length(): number {
    return this.#said.length;
  }

  get said(): readonly Said[] {
    return this.#said;
  }

  add(said: Omit<Said, 'at_ms'>): void {
    this.#said.push({ at_ms: Math.round(performance.now() - this.#startedAt), ...said });
  }

  /** Lines to read, from what was said when the tape was `mark` long. Secrets of logins are left out. */
  since(mark: number): string[] {
    return this.#said
      .slice(mark)
      .map(({ at_ms, socket, from, text }) =>
        `${at_ms} ${socket} ${from === 'client' ? '>' : '<'} ${withoutSecrets(text)}`.slice(0, maxShownCharacters),
      );
  }
}

/** A recording may be shown to others: passwords and tokens of logins are no part of it. */
export const withoutSecrets = (text: string): string =>
  text.replaceAll(/("(?:password|token)"\s*:\s*)"(?:[^"\\]|\\.)*"/g, '$1"…"');

/** A tape as a file: one frame a line, so that two recordings can be compared. */
export const toRecording = (tape: Tape): string =>
  `[\n${tape.said.map((said) => JSON.stringify({ ...said, text: withoutSecrets(said.text) })).join(',\n')}\n]\n`;
