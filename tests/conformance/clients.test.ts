import { describe, expect, test } from 'vitest';
import { runAgainstClient } from '../../scripts/conformance/client/run.ts';
import { listScripts } from '../../scripts/conformance/client/script.ts';
import { toLines } from '../../scripts/conformance/report.ts';
import { ToyClient, type Faults } from './toy-client.ts';

const judge = async (subject: ToyClient, rule: string, { patienceMs }: { patienceMs: number }) => {
  const [outcome] = await runAgainstClient({ subject, rules: [rule], patienceMs });
  return outcome!;
};

describe.concurrent('a client that is written as the protocol tells to', () => {
  test.each(listScripts().map(({ id }) => id))('keeps %s', { timeout: 60_000 }, async (id) => {
    const outcome = await judge(new ToyClient(), id, { patienceMs: 20_000 });
    expect(outcome.result, toLines(outcome)).toBe('pass');
  });
});

const mistakes: [Faults, rule: string][] = [
  [{ maxSeen: true }, 'sync.gap'],
  [{ maxSeen: true }, 'sync.gap-survives'],
  [{ maxSeen: true }, 'sync.reordered'],
  [{ neverSyncs: true }, 'sync.gap'],
  [{ neverSyncs: true }, 'resume.after-break'],
  [{ appliesTwice: true, showsTwice: true }, 'sync.duplicates'],
  [{ appliesTwice: true, showsTwice: true }, 'sync.late-change'],
  [{ appliesStale: true }, 'sync.stale-change'],
  [{ skipsUnknownKinds: true }, 'sync.unknown-kind'],
  [{ ignoresAfter: true }, 'sync.covered-versions'],
  [{ ignoresLag: true }, 'lag.syncs'],
  [{ ignoresDeletes: true }, 'sync.tombstone'],
  [{ deafWhileSyncing: true }, 'sync.while-live'],
  [{ newClientIds: true }, 'outbox.resends'],
  [{ newClientIds: true }, 'outbox.lost-ack'],
  [{ resendsBackwards: true }, 'outbox.order'],
  [{ retriesAtOnce: true }, 'outbox.retry-same'],
  [{ retriesAtOnce: true }, 'sync.refused'],
  [{ retriesForEver: true }, 'outbox.retry-never'],
  [{ speaksFirst: true }, 'login.first'],
  [{ speaksEarly: true }, 'login.slow-answer'],
  [{ connectsAtOnce: true }, 'reconnect.no-storm'],
  [{ connectsAlways: true }, 'close.revoked'],
  [{ connectsAlways: true }, 'close.not-spoken'],
  [{ connectsAlways: true }, 'close.not-authenticated'],
  [{ neverPings: true, trustsPings: true }, 'heartbeat.says'],
  [{ trustsPings: true }, 'heartbeat.half-open'],
  [{ ignoresEpoch: true }, 'resume.not-possible'],
  [{ ignoresClosing: true }, 'close.draining'],
  [{ diesOfUnknownFrames: true }, 'sync.unknown-frames'],
  [{ readsOnePage: true }, 'sync.pages'],
  [{ reusesRefs: true }, 'sync.while-live'],
];

describe.concurrent('a client with a mistake breaks the rule about it', () => {
  test.each(mistakes)('%o: %s', { timeout: 60_000 }, async (faults, rule) => {
    const outcome = await judge(new ToyClient(faults), rule, { patienceMs: 1_500 });
    expect(outcome.result, toLines(outcome)).toBe('fail');
    expect(outcome.frames!.length).toBeGreaterThan(0);
  });
});
