import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialSync, maxHeld, step } from '../../src/client/sync-state.ts';
import type { Held, SyncPhase } from '../../src/client/sync-types.ts';
import { ClientChat, ServerChat, toLive, type Change } from './support/one-chat.ts';

/** What may happen, and a number that says to what. */
const happening = fc.record({
  what: fc.constantFrom(
    ...([
      'message',
      'message',
      'changed',
      'changed',
      'other',
      'deliver',
      'deliver',
      'deliver',
      'deliver first',
    ] as const),
    ...(['twice', 'lose', 'lag', 'catch up', 'disconnect', 'connect', 'restart', 'answer', 'answer', 'fail'] as const),
    ...(['timeUp', 'refresh', 'renew'] as const),
  ),
  pick: fc.nat(50),
});
type Happening = { what: string; pick: number };

/** A server, a client and what is between them. */
class World {
  readonly server = new ServerChat();
  client = new ClientChat();
  inFlight: Held<Change>[] = [];
  connected = false;
  /** Up to this version the client was told what exists. */
  told = 0;
  /** Versions the network lost while the socket stood: the server knows, and says so by `lag`. */
  lost = 0;

  connect(): void {
    this.connected = true;
    this.client.do({ kind: 'connected' });
    this.renew();
  }

  renew(): void {
    if (this.server.version > this.told) this.client.do({ kind: 'seen', version: this.server.version });
    this.told = this.server.version;
  }

  disconnect(): void {
    this.connected = false;
    this.inFlight = [];
    this.lost = 0;
    this.client.asked = undefined;
    this.client.do({ kind: 'disconnected' });
  }

  answer(limit: number): void {
    const { asked } = this.client;
    if (asked === undefined) return;
    this.client.asked = undefined;
    const page = this.server.page(asked.after, asked.afterSeq, limit);
    this.client.do({ kind: 'page', after: asked.after, to: page.to, toSeq: page.toSeq, more: page.more }, page.rows);
  }

  restart(): void {
    if (this.connected) this.disconnect();
    const { version, seq, target } = this.client.state;
    this.client.state = initialSync({ version, seq, target });
  }

  deliver(at: number, again = false): void {
    const live = this.inFlight[at];
    if (live === undefined) return;
    if (!again) this.inFlight.splice(at, 1);
    this.client.do({ kind: 'live', ...live });
  }

  happen({ what, pick }: Happening): void {
    if (what === 'message' || what === 'changed' || what === 'other') {
      const change = this.server.write(what, pick);
      if (this.connected) this.inFlight.push(toLive(change));
    }
    if (what === 'deliver first') this.deliver(0);
    if (what === 'deliver') this.deliver(pick % Math.max(1, this.inFlight.length));
    if (what === 'twice') this.deliver(pick % Math.max(1, this.inFlight.length), true);
    if (what === 'lose') this.lose(pick);
    if (what === 'lag' && this.connected && this.lost > 0) {
      this.client.do({ kind: 'seen', version: this.lost });
      this.lost = 0;
    }
    if (what === 'catch up' && this.connected)
      this.inFlight = this.server.caughtUp(Math.max(0, this.client.state.version - (pick % 3)));
    if (what === 'disconnect' && this.connected) this.disconnect();
    if (what === 'connect' && !this.connected) this.connect();
    if (what === 'restart') this.restart();
    if (what === 'answer') this.answer(1 + (pick % 7));
    if (what === 'fail' && this.client.asked !== undefined) {
      this.client.asked = undefined;
      this.client.do({ kind: 'failed' });
    }
    if (what === 'timeUp') this.client.do({ kind: 'timeUp' });
    if (what === 'refresh') this.client.do({ kind: 'refresh' });
    if (what === 'renew' && this.connected) this.renew();
  }

  lose(pick: number): void {
    const [gone] = this.inFlight.splice(pick % Math.max(1, this.inFlight.length), 1);
    if (gone !== undefined) this.lost = Math.max(this.lost, gone.version);
  }

  /** Whatever has its newest state at or below the watermark is held in that state. */
  check(): void {
    const { version } = this.client.state;
    expect(version).toBeLessThanOrEqual(this.server.version);
    for (const row of this.server.rows) {
      const key = row.changed ?? row.version;
      if (key <= version) expect(this.client.keys.get(row.seq), `message ${row.seq} at ${version}`).toBe(key);
    }
  }

  /** Nothing more is written and nothing lost; the number of steps that it took. */
  rest(): number {
    if (!this.connected) this.connect();
    if (this.lost > 0) this.client.do({ kind: 'seen', version: this.lost });
    while (this.inFlight.length > 0) this.deliver(0);
    for (let steps = 0; steps < 1_000; steps++) {
      if (this.client.state.phase === 'current') return steps;
      if (this.client.asked) this.answer(5);
      else this.client.do({ kind: 'timeUp' });
      this.check();
    }
    throw new Error(`no rest in ${this.client.state.phase}`);
  }
}

describe('whatever happens', () => {
  it('every change is applied once and in order, the watermark never passes a hole, and rest is reached', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
        const world = new World();
        for (const one of happenings) {
          world.happen(one);
          world.check();
        }
        world.rest();
        expect(world.client.state.version).toBe(world.server.version);
        expect([...world.client.keys].sort(([a], [b]) => a - b)).toEqual(
          world.server.rows.map((row) => [row.seq, row.changed ?? row.version]),
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('what is asked and waited for says what the phase is', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
        const world = new World();
        for (const one of happenings) {
          world.happen(one);
          const { phase, held, target, version, refresh } = world.client.state;
          if (phase === 'syncing') expect(world.client.asked).toBeDefined();
          if (phase === 'current') {
            expect(held).toEqual([]);
            expect(target).toBeLessThanOrEqual(version);
            expect(refresh).toBe('no');
          }
          if (phase === 'offline') expect(held).toEqual([]);
          for (const span of held) expect(span.after).toBeGreaterThan(version);
        }
      }),
    );
  });

  it('messages that were read at another version lead to the same', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), fc.nat(60), (happenings, back) => {
        const world = new World();
        world.connect();
        for (const one of happenings) world.happen(one);
        if (!world.connected) world.connect();
        const at = Math.min(back, world.server.version);
        // The page shows messages as they were at that version.
        const asThen = world.server.log.slice(0, at).filter(({ kind }) => kind !== 'other');
        world.client.keys.clear();
        world.client.applied.length = 0;
        for (const { seq, version } of asThen) world.client.keys.set(seq, version);
        const seq = asThen.reduce((most, one) => Math.max(most, one.seq), 0);
        world.client.do({ kind: 'rewound', version: at, seq });
        world.rest();
        for (const row of world.server.rows) {
          const key = row.changed ?? row.version;
          const had = asThen.some((one) => one.seq === row.seq && one.version === key);
          if (!had) expect(world.client.keys.get(row.seq)).toBe(key);
        }
      }),
    );
  });
});

describe('the watermark', () => {
  const live = (version: number, after = version - 1): Held<string> & { kind: 'live' } => ({
    kind: 'live',
    after,
    version,
    change: `change ${version}`,
  });
  const at = (version: number) =>
    step(initialSync<string>({ version, seq: version, target: version }), { kind: 'connected' }).state;

  it('does not jump to the largest version seen', () => {
    const { state, effects } = step(at(5), live(7));
    expect(state).toMatchObject({ version: 5, phase: 'gap', target: 7 });
    expect(effects).toEqual([{ kind: 'wait', reason: 'gap' }]);
  });

  it('moves on over a gap that closes by itself, and nothing is asked', () => {
    const gap = step(at(5), live(7)).state;
    const { state, effects } = step(gap, live(6));
    expect(state).toMatchObject({ version: 7, phase: 'current' });
    expect(effects).toEqual([
      { kind: 'apply', change: 'change 6' },
      { kind: 'apply', change: 'change 7' },
    ]);
  });

  it('takes a change that stands for several when it follows what is known', () => {
    expect(step(at(5), live(9, 3)).state.version).toBe(9);
    expect(step(at(5), live(9, 6)).state.version).toBe(5);
  });

  it('is not moved by what is old', () => {
    expect(step(at(5), live(5)).effects).toEqual([{ kind: 'drop', change: 'change 5' }]);
    expect(step(at(5), { kind: 'based', version: 4, seq: 4 }).state.version).toBe(5);
  });

  it('keeps what exists in mind over a break, since a token tells of it only once', () => {
    const gone = step(step(at(5), live(7)).state, { kind: 'disconnected' }).state;
    expect(step(gone, { kind: 'connected' }).effects).toEqual([{ kind: 'sync' }]);
  });

  it('holds no more than it may, and asks for what it let go', () => {
    let state = at(0);
    for (let version = 2; version < maxHeld + 20; version++) state = step(state, live(version)).state;
    expect(state.held).toHaveLength(maxHeld);
    expect(state.target).toBe(maxHeld + 19);
    const { effects, state: next } = step(state, live(1));
    expect(next.version).toBe(maxHeld + 1);
    expect(effects.at(-1)).toEqual({ kind: 'sync' });
  });

  it('asks again for a version that it heard of while a page was on its way', () => {
    const asked = step(at(5), { kind: 'seen', version: 7 }).state;
    const heard = step(asked, { kind: 'seen', version: 9 }).state;
    const page = step(heard, { kind: 'page', after: 5, to: 7, toSeq: 7, more: false });
    expect(page.effects.map(({ kind }) => kind)).toEqual(['applyPage', 'sync']);
  });

  it('waits before it asks again when a page does not reach what was known to exist', () => {
    const asked = step(at(5), { kind: 'seen', version: 7 }).state;
    const page = step(asked, { kind: 'page', after: 5, to: 6, toSeq: 6, more: false });
    expect(page.effects.at(-1)).toEqual({ kind: 'wait', reason: 'failure' });
  });

  it('is not set by a page that would leave a hole', () => {
    const asked = step(at(5), { kind: 'seen', version: 9 }).state;
    expect(step(asked, { kind: 'page', after: 7, to: 9, toSeq: 9, more: false }).state.version).toBe(5);
  });
});

describe('a chat of which nothing is known', () => {
  it('holds what comes live until it has been read, and applies of it what is newer', () => {
    let state = initialSync<Change>();
    for (const version of [3, 4])
      state = step(state, { kind: 'live', ...toLive({ version, kind: 'other', seq: 0 }) }).state;
    const { state: based, effects } = step(state, { kind: 'based', version: 3, seq: 1 });
    expect(based).toMatchObject({ phase: 'current' satisfies SyncPhase, version: 4 });
    expect(effects.map(({ kind }) => kind)).toEqual(['drop', 'apply']);
  });
});
