/** What goes into the state machine of a chat (sync-state.ts), what comes out, and what it keeps. */

/** A live change, whatever it is. `seq`: of the message, where it is a new one. */
export interface Held<C> {
  after: number;
  version: number;
  seq?: number | undefined;
  change: C;
}

export type SyncPhase = 'unknown' | 'offline' | 'current' | 'gap' | 'syncing' | 'waiting';

export interface SyncState<C> {
  phase: SyncPhase;
  /** The contiguous watermark: everything up to here was applied. */
  version: number;
  /** The newest message at the watermark. */
  seq: number;
  /** The newest version that is known to exist. */
  target: number;
  /** What is not versioned has to be read again: not, yes, or it is being read. */
  refresh: 'no' | 'wanted' | 'asked';
  /** Ascending by version. */
  held: readonly Held<C>[];
  /** The target when the page on its way was asked for. */
  askedTarget: number;
}

/** Of a `sync` answer what the watermark is about. */
export interface PageSpan {
  after: number;
  to: number;
  toSeq: number;
  more: boolean;
}

export type SyncInput<C> =
  | ({ kind: 'live' } & Held<C>)
  | ({ kind: 'page' } & PageSpan)
  /** The chat was read at this version, by other means than `sync`; nothing before it is needed. */
  | { kind: 'based'; version: number; seq: number }
  /** Messages were read at this version, which may be before the watermark: changes since are needed. */
  | { kind: 'rewound'; version: number; seq: number }
  | { kind: 'seen'; version: number }
  | { kind: 'refresh' }
  | { kind: 'timeUp' }
  | { kind: 'failed' }
  | { kind: 'connected' }
  | { kind: 'disconnected' };

export type SyncEffect<C> =
  | { kind: 'apply'; change: C }
  | { kind: 'drop'; change: C }
  /** Of the page those rows whose key is above this version; nothing of it is new when it says `none`. */
  | { kind: 'applyPage'; above: number | 'none' }
  /** Ask `sync` after `version` and `seq` of the state as it is then. */
  | { kind: 'sync' }
  /** Say `timeUp` after a moment, or after the pause that a failure needs. */
  | { kind: 'wait'; reason: 'gap' | 'failure' };

export interface Step<C> {
  state: SyncState<C>;
  effects: SyncEffect<C>[];
}
