/**
 * What is known of one chat, as a state machine without any I/O. It promises that every change of the chat is applied once
 * and in order, whatever gets lost, comes twice or too early, and that the watermark `version` never passes a change that was
 * not applied. The obvious way, taking the largest version seen, fails: when 7 comes before 6 a break between them would
 * lose 6 for ever.
 *
 * A live change covers the span (after, version]. Versions in it that have no change of their own were overtaken by later
 * ones. A page of `sync` covers (asked version, to] and holds the newest state of what changed in it. Both are applied only
 * where they begin at or before the watermark and end beyond it; what begins later is held, `maxHeld` at most.
 *
 * Invariants: `version` grows, but for `rewound`; no held change could be applied; `target` is the newest version that is
 * known to exist (it survives breaks, because a resume token tells of a version only once); in the phases `offline`, `current`
 * and `unknown` nothing was asked.
 *
 * Phases × inputs (– nothing changes; a live change that is old is dropped everywhere, one that fits applied at once):
 *
 *              unknown          offline          current      gap              syncing                  waiting
 * live         hold             drop             apply, →gap  apply, →current  apply or hold            apply or hold, →current
 * page         –                –                –            –                apply, →as needed        –
 * based        →current or gap  base             base         base, →as needed base, →as needed         base, →as needed
 * rewound      –                base             →syncing     →syncing         →syncing                 →syncing
 * seen         target           target           →syncing     →syncing         target                   target
 * refresh      –                wanted           →syncing     →syncing         wanted again             wanted
 * timeUp       –                –                –            →syncing         –                        →syncing
 * failed       –                –                –            –                →waiting                 –
 * connected    –                →as needed       –            –                –                        –
 * disconnected forget held      –                →offline     →offline         →offline                 →offline
 *
 * `as needed`: `gap` when changes are held, else `syncing` when target or refresh want it, else `current`. `gap` waits a
 * moment, because what is missing is mostly on its way; `waiting` waits after a failure. Both end by `timeUp`.
 */
import type { Held, PageSpan, Step, SyncEffect, SyncInput, SyncPhase, SyncState } from './sync-types.ts';

/** Changes held at most; those beyond are forgotten, and only their version is kept as the target. */
export const maxHeld = 256;

/** A chat of which nothing is known, or what an earlier run knew of it. */
export function initialSync<C>(known?: { version: number; seq: number; target: number }): SyncState<C> {
  const nothing = { refresh: 'no', held: [], askedTarget: 0 } as const;
  return known === undefined
    ? { ...nothing, phase: 'unknown', version: 0, seq: 0, target: 0 }
    : { ...nothing, phase: 'offline', ...known };
}

type InputOf<C, K extends SyncInput<C>['kind']> = Extract<SyncInput<C>, { kind: K }>;
type Handler<C, K extends SyncInput<C>['kind']> = (state: SyncState<C>, input: InputOf<C, K>) => Step<C>;
type Row<C> = { [K in SyncInput<C>['kind']]: Handler<C, K> };

const still = <C>(state: SyncState<C>): Step<C> => ({ state, effects: [] });

const ask = <C>(state: SyncState<C>, effects: SyncEffect<C>[] = []): Step<C> => ({
  state: {
    ...state,
    phase: 'syncing',
    askedTarget: state.target,
    refresh: state.refresh === 'no' ? 'no' : 'asked',
  },
  effects: [...effects, { kind: 'sync' }],
});

/** Where a state belongs after something was applied: it keeps waiting for what it was waiting for. */
function settle<C>(state: SyncState<C>, effects: SyncEffect<C>[]): Step<C> {
  if (state.held.length > 0)
    return state.phase === 'gap'
      ? { state, effects }
      : { state: { ...state, phase: 'gap' }, effects: [...effects, { kind: 'wait', reason: 'gap' }] };
  if (state.target > state.version || state.refresh !== 'no') return ask(state, effects);
  return { state: { ...state, phase: 'current' }, effects };
}

/** Applies of the held changes what fits the watermark and drops what lies before it. */
function release<C>(start: SyncState<C>): Step<C> {
  const effects: SyncEffect<C>[] = [];
  let { version, seq } = start;
  let held = start.held;
  for (;;) {
    const known = version;
    for (const { change } of held.filter((one) => one.version <= known)) effects.push({ kind: 'drop', change });
    held = held.filter((one) => one.version > known);
    const next = held.find((one) => one.after <= known);
    if (next === undefined) break;
    effects.push({ kind: 'apply', change: next.change });
    version = next.version;
    seq = Math.max(seq, next.seq ?? 0);
    held = held.filter((one) => one !== next);
  }
  return { state: { ...start, version, seq, held, target: Math.max(start.target, version) }, effects };
}

function hold<C>(state: SyncState<C>, change: Held<C>): Step<C> {
  const target = Math.max(state.target, change.version);
  if (state.held.length >= maxHeld || state.held.some((one) => one.version === change.version))
    return { state: { ...state, target }, effects: [{ kind: 'drop', change: change.change }] };
  const held = [...state.held, change].sort((a, b) => a.version - b.version);
  return still({ ...state, target, held });
}

/** The watermark rule: drops, applies or holds. */
function receive<C>(state: SyncState<C>, { after, version, seq, change }: Held<C>): Step<C> {
  if (version <= state.version) return { state, effects: [{ kind: 'drop', change }] };
  if (after > state.version) return hold(state, { after, version, seq, change });
  const applied = { ...state, version, seq: Math.max(state.seq, seq ?? 0), target: Math.max(state.target, version) };
  if (state.held.length === 0) return { state: applied, effects: [{ kind: 'apply', change }] };
  const released = release(applied);
  return { state: released.state, effects: [{ kind: 'apply', change }, ...released.effects] };
}

const receiveAndSettle = <C>(state: SyncState<C>, change: Held<C>): Step<C> => {
  const received = receive(state, change);
  return settle(received.state, received.effects);
};

/** Of what is on its way for a wait or a page nothing changes, but that there may be nothing left to wait for. */
const receiveAndRelax = <C>(state: SyncState<C>, change: Held<C>): Step<C> => {
  const received = receive(state, change);
  const { held, target, version, refresh } = received.state;
  const isDone = held.length === 0 && target <= version && refresh === 'no';
  return isDone ? { ...received, state: { ...received.state, phase: 'current' } } : received;
};

function takePage<C>(state: SyncState<C>, { after, to, toSeq, more }: PageSpan): Step<C> {
  // A page that begins beyond the watermark would leave a hole; the server does not send one.
  if (after > state.version) return fail(state);
  const above = to > state.version ? state.version : 'none';
  const applied = to > state.version ? { ...state, version: to, seq: Math.max(state.seq, toSeq) } : state;
  const { state: next, effects } = release({ ...applied, target: Math.max(state.target, to) });
  effects.unshift({ kind: 'applyPage', above });
  if (more) return ask(next, effects);
  const read: SyncState<C> = { ...next, refresh: next.refresh === 'asked' ? 'no' : next.refresh };
  // What was known to exist when the page was asked for has to be in it: asking again at once would not help.
  const isShort = state.askedTarget > read.version;
  return isShort
    ? { state: { ...read, phase: 'waiting' }, effects: [...effects, { kind: 'wait', reason: 'failure' }] }
    : settle(read, effects);
}

const fail = <C>(state: SyncState<C>): Step<C> => ({
  state: { ...state, phase: 'waiting', refresh: state.refresh === 'no' ? 'no' : 'wanted' },
  effects: [{ kind: 'wait', reason: 'failure' }],
});

/** A chat that was read answers also what `sync` was asked for. */
function base<C>(state: SyncState<C>, { version, seq }: { version: number; seq: number }): Step<C> {
  if (version < state.version) return still(state);
  return release({
    ...state,
    version,
    seq: Math.max(state.seq, seq),
    target: Math.max(state.target, version),
    refresh: state.refresh === 'asked' ? 'no' : state.refresh,
  });
}

/** A reading that the live changes have overtaken tells nothing; what it was asked for is asked for again. */
const baseAndSettle = <C>(state: SyncState<C>, at: { version: number; seq: number }): Step<C> => {
  const next = base(state, at);
  return settle(next.state, next.effects);
};

const rewind = <C>(state: SyncState<C>, at: { version: number; seq: number }): SyncState<C> => ({
  ...state,
  target: Math.max(state.target, state.version, at.version),
  version: Math.min(state.version, at.version),
  seq: at.version < state.version ? at.seq : state.seq,
  refresh: 'wanted',
});

const see = <C>(state: SyncState<C>, seen: { version: number }): SyncState<C> => ({
  ...state,
  target: Math.max(state.target, seen.version),
});
const seeAndAsk = <C>(state: SyncState<C>, seen: { version: number }): Step<C> =>
  seen.version > state.version ? ask(see(state, seen)) : still(state);

const want = <C>(state: SyncState<C>): SyncState<C> => ({ ...state, refresh: 'wanted' });

/** What is held lies beyond a gap that a new connection reads anyway. */
const leave = <C>(state: SyncState<C>): Step<C> => ({
  state: { ...state, phase: 'offline', held: [], refresh: state.refresh === 'no' ? 'no' : 'wanted' },
  effects: state.held.map(({ change }) => ({ kind: 'drop', change })),
});

const table = <C>(): Record<SyncPhase, Row<C>> => {
  const connectedAlready = { connected: still<C>, disconnected: leave<C> };
  return {
    unknown: {
      live: hold,
      page: still,
      based: baseAndSettle,
      rewound: still,
      seen: (state, seen) => still(see(state, seen)),
      refresh: still,
      timeUp: still,
      failed: still,
      connected: still,
      disconnected: (state) => ({ state: { ...state, held: [] }, effects: leave(state).effects }),
    },
    offline: {
      live: (state, { change }) => ({ state, effects: [{ kind: 'drop', change }] }),
      page: still,
      based: base,
      rewound: (state, at) => still(rewind(state, at)),
      seen: (state, seen) => still(see(state, seen)),
      refresh: (state) => still(want(state)),
      timeUp: still,
      failed: still,
      connected: (state) => settle(state, []),
      disconnected: still,
    },
    current: {
      live: receiveAndSettle,
      page: still,
      based: baseAndSettle,
      rewound: (state, at) => ask(rewind(state, at)),
      seen: seeAndAsk,
      refresh: (state) => ask(want(state)),
      timeUp: still,
      failed: still,
      ...connectedAlready,
    },
    gap: {
      live: receiveAndSettle,
      page: still,
      based: baseAndSettle,
      rewound: (state, at) => ask(rewind(state, at)),
      seen: seeAndAsk,
      refresh: (state) => ask(want(state)),
      timeUp: (state) => ask(state),
      failed: still,
      ...connectedAlready,
    },
    syncing: {
      live: receive,
      page: takePage,
      based: baseAndSettle,
      rewound: (state, at) => ask(rewind(state, at)),
      seen: (state, seen) => still(see(state, seen)),
      refresh: (state) => still(want(state)),
      timeUp: still,
      failed: fail,
      ...connectedAlready,
    },
    waiting: {
      live: receiveAndRelax,
      page: still,
      based: baseAndSettle,
      rewound: (state, at) => ask(rewind(state, at)),
      seen: (state, seen) => still(see(state, seen)),
      refresh: (state) => still(want(state)),
      timeUp: (state) => ask(state),
      failed: still,
      ...connectedAlready,
    },
  };
};

const transitions = table<unknown>();

/** What a chat's state becomes by an input, and what is to be done in this order. */
export function step<C>(state: SyncState<C>, input: SyncInput<C>): Step<C> {
  const handle = (transitions as Record<SyncPhase, Row<C>>)[state.phase][input.kind] as Handler<C, typeof input.kind>;
  return handle(state, input);
}
