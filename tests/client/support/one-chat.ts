import { initialSync, step } from '../../../src/client/sync-state.ts';
import type { Held, SyncEffect, SyncInput, SyncState } from '../../../src/client/sync-types.ts';

/** What a version of the chat did: stored a message, changed one, or something else. */
export interface Change {
  version: number;
  kind: 'message' | 'changed' | 'other';
  seq: number;
}

interface Row {
  seq: number;
  version: number;
  changed: number | undefined;
}

const keyOf = (row: Row): number => row.changed ?? row.version;

/** A chat on a server: a log of changes, and the newest state of each message. */
export class ServerChat {
  readonly log: Change[] = [];
  readonly rows: Row[] = [];

  get version(): number {
    return this.log.length;
  }

  write(kind: Change['kind'], pick: number): Change {
    const version = this.version + 1;
    const isNew = kind === 'message' || this.rows.length === 0;
    const row = isNew ? undefined : this.rows[pick % this.rows.length]!;
    const change: Change =
      kind === 'other'
        ? { version, kind, seq: 0 }
        : { version, kind: isNew ? 'message' : 'changed', seq: row?.seq ?? this.rows.length + 1 };
    if (change.kind === 'message') this.rows.push({ seq: change.seq, version, changed: undefined });
    if (change.kind === 'changed') row!.changed = version;
    this.log.push(change);
    return change;
  }

  /** The last change of what `change` is about. */
  newestOf(change: Change): number {
    if (change.kind === 'other') return change.version;
    return keyOf(this.rows[change.seq - 1]!);
  }

  /** As a node tells it that read the log from the database: what was overtaken is left out. */
  caughtUp(from: number): Held<Change>[] {
    let after = from;
    const spans: Held<Change>[] = [];
    for (const change of this.log.slice(from)) {
      if (change.kind === 'changed' && this.newestOf(change) !== change.version) continue;
      spans.push({ ...toLive(change), after });
      after = change.version;
    }
    return spans;
  }

  page(after: number, afterSeq: number, limit: number): { to: number; toSeq: number; more: boolean; rows: Row[] } {
    const keyed = this.rows
      .filter((row) => row.seq > afterSeq || (row.changed ?? 0) > after)
      .map((row) => ({ row: { ...row }, key: row.seq > afterSeq ? row.version : row.changed! }))
      .sort((a, b) => a.key - b.key);
    const rows = keyed.slice(0, limit);
    const more = keyed.length > limit;
    const newSeqs = rows.map(({ row }) => row.seq).filter((seq) => seq > afterSeq);
    return {
      to: more ? rows.at(-1)!.key : this.version,
      toSeq: more ? Math.max(afterSeq, ...newSeqs) : this.rows.length,
      more,
      rows: rows.map(({ row }) => row),
    };
  }
}

export const toLive = (change: Change): Held<Change> => ({
  after: change.version - 1,
  version: change.version,
  seq: change.kind === 'message' ? change.seq : undefined,
  change,
});

/** The other side: the state machine, and what it applied. */
export class ClientChat {
  state: SyncState<Change> = initialSync({ version: 0, seq: 0, target: 0 });
  /** Of each message the key of its newest state here. */
  readonly keys = new Map<number, number>();
  readonly others = new Set<number>();
  /** Versions in the order of their being applied live. */
  readonly applied: number[] = [];
  asks = 0;
  asked: { after: number; afterSeq: number } | undefined;
  waits = false;

  do(input: SyncInput<Change>, rows: Row[] = []): void {
    const before = this.state.version;
    const { state, effects } = step(this.state, input);
    this.state = state;
    for (const effect of effects) this.#carryOut(effect, rows);
    if (input.kind !== 'rewound' && state.version < before) throw new Error('the watermark went back');
  }

  #carryOut(effect: SyncEffect<Change>, rows: Row[]): void {
    if (effect.kind === 'apply') this.#apply(effect.change);
    if (effect.kind === 'applyPage' && effect.above !== 'none') {
      const above = effect.above;
      for (const row of rows.filter((one) => keyOf(one) > above)) this.#keep(row.seq, keyOf(row));
    }
    if (effect.kind === 'sync') {
      this.asks++;
      this.asked = { after: this.state.version, afterSeq: this.state.seq };
    }
    if (effect.kind === 'wait') this.waits = true;
  }

  #keep(seq: number, key: number): void {
    this.keys.set(seq, Math.max(key, this.keys.get(seq) ?? 0));
  }

  #apply(change: Change): void {
    if ((this.applied.at(-1) ?? 0) >= change.version) throw new Error(`${change.version} was applied late or twice`);
    this.applied.push(change.version);
    if (change.kind === 'other') this.others.add(change.version);
    else this.#keep(change.seq, change.version);
  }
}
