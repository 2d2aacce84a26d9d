import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import type { Place, Subject } from '../../scripts/conformance/client/subject.ts';

/** What a toy client does wrong; each is a mistake that clients make. */
export interface Faults {
  /** The watermark is the largest version seen. */
  maxSeen?: true;
  /** What is beyond a gap is applied, and what is missing never asked for. */
  neverSyncs?: true;
  appliesTwice?: true;
  appliesStale?: true;
  /** A kind that is not known does not count. */
  skipsUnknownKinds?: true;
  ignoresAfter?: true;
  ignoresLag?: true;
  ignoresDeletes?: true;
  /** What comes while a sync is on its way is taken as known. */
  deafWhileSyncing?: true;
  newClientIds?: true;
  resendsBackwards?: true;
  retriesAtOnce?: true;
  retriesForEver?: true;
  speaksEarly?: true;
  speaksFirst?: true;
  connectsAtOnce?: true;
  connectsAlways?: true;
  neverPings?: true;
  trustsPings?: true;
  ignoresEpoch?: true;
  ignoresClosing?: true;
  diesOfUnknownFrames?: true;
  readsOnePage?: true;
  showsTwice?: true;
  reusesRefs?: true;
}

interface Row {
  seq: number;
  text: string;
  version: number;
  changed_version?: number;
  deleted_at?: string;
}

type Frame = Record<string, unknown> & { type: string; version: number; chats: Frame[]; rows: Row[] };

const known = new Set(['message', 'message_changed']);

/** A client of one chat as docs/protocol.md tells to write one, small and in memory; with faults it is not. */
export class ToyClient implements Subject {
  readonly #faults: Faults;
  #place!: Place;
  #ws: WebSocket | undefined;
  #timers: NodeJS.Timeout[] = [];
  #tries = 0;
  #stopped = false;
  #ref = 0;
  #heartbeatMs = 25_000;
  #heardAtMs = 0;
  #token: string | undefined;
  #version = 0;
  #seq = 0;
  #held: Frame[] = [];
  #rows = new Map<number, Row>();
  #shown: Row[] = [];
  #outbox: { client_id: string; text: string }[] = [];
  /** What was ever sent, by client_id: an ack does not repeat it. */
  readonly #sent = new Map<string, string>();
  #isSyncing = false;
  #isReady = false;
  #comeBackMs: number | undefined;

  constructor(faults: Faults = {}) {
    this.#faults = faults;
  }

  start(place: Place): Promise<void> {
    this.#place = place;
    this.#version = this.#seq = this.#tries = 0;
    this.#rows.clear();
    this.#shown = [];
    this.#held = [];
    this.#outbox = [];
    this.#token = undefined;
    this.#stopped = this.#isSyncing = false;
    this.#connect();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#ws?.terminate();
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
    return Promise.resolve();
  }

  send(_chatId: string, text: string): Promise<void> {
    const client_id = randomUUID();
    this.#outbox.push({ client_id, text });
    this.#sent.set(client_id, text);
    if (this.#isReady && this.#outbox.length === 1) this.#sendFirst();
    return Promise.resolve();
  }

  view(): Promise<{ seq: number; text: string }[]> {
    const rows = this.#faults.showsTwice ? this.#shown : [...this.#rows.values()];
    return Promise.resolve(rows.toSorted((a, b) => a.seq - b.seq));
  }

  #later(ms: number, what: () => void): void {
    this.#timers.push(setTimeout(() => this.#stopped || what(), ms));
  }

  #say(frame: object): void {
    const ref = this.#faults.reusesRefs ? 'x' : ++this.#ref;
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify({ ref, ...frame }));
  }

  #connect(): void {
    const ws = (this.#ws = new WebSocket(this.#place.url, ['messenger.v1']));
    ws.on('error', () => undefined);
    ws.on('open', () => {
      if (this.#faults.speaksFirst) this.#say({ type: 'list_chats' });
      this.#say({ type: 'login', token: this.#place.token });
      if (this.#faults.speaksEarly) this.#say({ type: 'list_chats' });
    });
    ws.on('message', (data) => {
      this.#heardAtMs = performance.now();
      this.#hear(JSON.parse((data as Buffer).toString()) as Frame);
    });
    ws.on('close', (code) => this.#closed(code));
  }

  #closed(code: number): void {
    this.#isReady = this.#isSyncing = false;
    this.#held = [];
    if (this.#stopped || (code >= 4500 && !this.#faults.connectsAlways)) return;
    const pause = Math.min(5_000, 100 * 2 ** this.#tries++) * (0.5 + Math.random() / 2);
    const wait = this.#faults.ignoresClosing ? pause : (this.#comeBackMs ?? 0) + pause;
    this.#comeBackMs = undefined;
    this.#later(this.#faults.connectsAtOnce ? 5 : wait, () => this.#connect());
  }

  #beat(ws: WebSocket | undefined): void {
    if (this.#ws !== ws) return;
    const silentMs = performance.now() - this.#heardAtMs;
    if (silentMs > 3 * this.#heartbeatMs && !this.#faults.trustsPings) return ws?.terminate();
    if (silentMs >= this.#heartbeatMs * 0.9 && !this.#faults.neverPings) this.#say({ type: 'ping' });
    this.#later(this.#heartbeatMs, () => this.#beat(ws));
  }

  #sync(): void {
    if (this.#faults.neverSyncs && this.#version > 0) return;
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    const frame = { type: 'sync', chat_id: this.#place.chatId, after: this.#version, after_seq: this.#seq };
    this.#say(frame);
    if (this.#faults.reusesRefs) this.#say(frame);
  }

  #sendFirst(): void {
    const { client_id, text } = (this.#faults.resendsBackwards ? this.#outbox.at(-1) : this.#outbox[0])!;
    const id = this.#faults.newClientIds ? randomUUID() : client_id;
    this.#say({ type: 'send', chat_id: this.#place.chatId, client_id: id, text });
  }

  #put(row: Row): void {
    if (this.#faults.ignoresDeletes && row.deleted_at) return;
    const before = this.#rows.get(row.seq);
    if ((before?.changed_version ?? 0) > (row.changed_version ?? 0) && !this.#faults.appliesStale) return;
    this.#rows.set(row.seq, row);
    this.#shown.push(row);
    this.#seq = Math.max(this.#seq, row.seq);
  }

  #apply(frame: Frame): void {
    if (known.has(frame.type)) this.#put(frame['message'] as Row);
    this.#version = Math.max(this.#version, frame.version);
  }

  #change(frame: Frame): void {
    if (this.#faults.deafWhileSyncing && this.#isSyncing) this.#version = Math.max(this.#version, frame.version);
    if (this.#faults.skipsUnknownKinds && !known.has(frame.type)) return;
    if (frame.version <= this.#version && !this.#faults.appliesTwice && !this.#faults.appliesStale) return;
    const after = this.#faults.ignoresAfter ? frame.version - 1 : ((frame['after'] as number) ?? frame.version - 1);
    if (after <= this.#version || this.#faults.maxSeen || this.#faults.neverSyncs) this.#apply(frame);
    else this.#held.push(frame);
    if (this.#held.length > 0) this.#sync();
  }

  #drain(): void {
    for (const frame of this.#held.splice(0).toSorted((a, b) => a.version - b.version)) this.#change(frame);
  }

  readonly #hearers: Record<string, (frame: Frame) => void> = {
    ready: (frame) => {
      this.#isReady = true;
      this.#tries = 0;
      this.#heartbeatMs = frame['heartbeat_ms'] as number;
      const ws = this.#ws;
      this.#later(this.#heartbeatMs, () => this.#beat(ws));
      if (this.#token === undefined) this.#sync();
      else this.#say({ type: 'resume', token: this.#token });
      this.#token ??= frame['resume'] as string;
      if (this.#outbox.length > 0) this.#sendFirst();
    },
    changed: (frame) => {
      this.#token = frame['resume'] as string;
      if (frame.chats.some((own) => own['chat_id'] === this.#place.chatId && own.version > this.#version)) this.#sync();
    },
    changes: (frame) => {
      this.#isSyncing = false;
      frame.rows.forEach((row) => this.#put(row));
      const to = frame['to'] as number;
      this.#version = Math.max(this.#version, to);
      if (frame['more'] && !this.#faults.readsOnePage) return this.#sync();
      this.#drain();
    },
    ack: (frame) => {
      this.#outbox = this.#outbox.filter(({ client_id }) => client_id !== frame['client_id']);
      const text = this.#sent.get(frame['client_id'] as string);
      this.#change({ ...frame, type: 'message', message: { seq: frame['seq'], text, version: frame.version } });
      if (this.#outbox.length > 0) this.#sendFirst();
    },
    error: (frame) => this.#refused(frame),
    lag: (frame) => {
      if (!this.#faults.ignoresLag && frame.chats[0]!.version > this.#version) this.#sync();
    },
    closing: (frame) => void (this.#comeBackMs = frame['after_ms'] as number),
    pong: () => undefined,
  };

  #refused(frame: Frame): void {
    if (frame['code'] === 'resume_not_possible') {
      if (!this.#faults.ignoresEpoch) {
        this.#version = this.#seq = 0;
        this.#rows.clear();
        this.#shown = [];
      }
      return this.#sync();
    }
    const isSend = frame['client_id'] !== undefined;
    const again = frame['retry'] === 'same' || this.#faults.retriesForEver;
    if (isSend && !again) this.#outbox = this.#outbox.filter(({ client_id }) => client_id !== frame['client_id']);
    if (!isSend) this.#isSyncing = false;
    if (!again) return;
    const wait = this.#faults.retriesAtOnce ? 0 : ((frame['after_ms'] as number) ?? 200) + 20;
    this.#later(wait, () => (isSend ? this.#sendFirst() : this.#sync()));
  }

  #hear(frame: Frame): void {
    const hear = this.#hearers[frame.type];
    if (hear) return hear(frame);
    if (frame['chat_id'] === this.#place.chatId && typeof frame.version === 'number') return this.#change(frame);
    if (this.#faults.diesOfUnknownFrames) this.#ws?.terminate();
  }
}
