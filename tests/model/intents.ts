/** What people wanted, and what they were told of it: what must be true of the database whatever went wrong. */

/** A message that was handed to a client. */
export interface SendIntent {
  clientId: string;
  phone: string;
  userId: string;
  chatId: string;
  /** Undefined of a forward. */
  text: string | undefined;
  ack?: { id: string; seq: number };
  /** It was refused for good or given up: it may be stored or not. */
  isLost?: boolean;
}

/** How a change of a value ended: known to have happened, known not to, or not known. */
export type Outcome = 'done' | 'refused' | 'unknown';

interface Register {
  value: unknown;
  underWay: number;
  /** Changes that ever began. */
  begun: number;
  /** Nobody can say what it is: two changes overlapped, or one has an unknown end. */
  isDoubtful: boolean;
  isPoisoned: boolean;
}

/** Values that somebody sets, one at a time: after a change that was acknowledged the value is known. */
export class Registers {
  readonly #registers = new Map<string, Register>();
  readonly #changed = new Set<string>();

  /** Says that a change begins; the answer says how it ended. */
  begin(key: string, value: unknown): (outcome: Outcome) => void {
    const register = this.#registers.get(key) ?? {
      value: undefined,
      underWay: 0,
      begun: 0,
      isDoubtful: true,
      isPoisoned: false,
    };
    this.#registers.set(key, register);
    if (register.underWay++ > 0) register.isDoubtful = true;
    const isFirst = register.underWay === 1;
    const begun = ++register.begun;
    return (outcome) => {
      register.underWay--;
      if (outcome === 'unknown') register.isPoisoned = true;
      if (outcome === 'done' && isFirst && register.begun === begun) {
        register.value = value;
        register.isDoubtful = false;
      } else if (outcome !== 'refused') register.isDoubtful = true;
      this.#changed.add(key);
    };
  }

  /** What these were is not known any more. */
  doubt(isMeant: (key: string) => boolean): void {
    for (const [key, register] of this.#registers) {
      if (!isMeant(key)) continue;
      if (register.underWay > 0) register.isPoisoned = true;
      register.isDoubtful = true;
    }
  }

  /** The values that changed since the last call and are known. */
  takeKnown(): [key: string, value: unknown][] {
    const known: [string, unknown][] = [];
    for (const key of this.#changed) {
      const { isDoubtful, isPoisoned, underWay, value } = this.#registers.get(key)!;
      if (!isDoubtful && !isPoisoned && underWay === 0) known.push([key, value]);
    }
    this.#changed.clear();
    return known;
  }
}

export class Intents {
  readonly sends = new Map<string, SendIntent>();
  /** Texts that a message may have been given, by chat and seq. */
  readonly edits = new Map<string, string[]>();
  /** Messages whose deletion was acknowledged, by chat and seq. */
  readonly deleted = new Set<string>();
  readonly registers = new Registers();
  #unsettled = new Set<SendIntent>();

  send(intent: SendIntent): void {
    this.sends.set(intent.clientId, intent);
    this.#unsettled.add(intent);
  }

  /** Answers what is wrong with the ack. */
  acknowledge(clientId: string, ack: { id: string; seq: number }): string | undefined {
    const intent = this.sends.get(clientId);
    if (intent === undefined) return `${clientId} was acknowledged and nobody had sent it`;
    if (intent.ack && (intent.ack.id !== ack.id || intent.ack.seq !== ack.seq))
      return `${clientId} was acknowledged as ${intent.ack.seq} and as ${ack.seq} of ${intent.chatId}`;
    intent.ack = { id: ack.id, seq: ack.seq };
    return undefined;
  }

  edit(place: string, text: string): void {
    this.edits.set(place, [...(this.edits.get(place) ?? []), text]);
  }

  /** What was sent since the last call. */
  takeSends(): SendIntent[] {
    const sends = [...this.#unsettled];
    this.#unsettled = new Set();
    return sends;
  }
}
