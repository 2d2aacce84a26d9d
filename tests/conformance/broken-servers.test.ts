import { describe, expect, test } from 'vitest';
import { ModelServer, type AnyFrame, type Hooks } from '../../scripts/conformance/model/server.ts';
import { toLines } from '../../scripts/conformance/report.ts';
import { runAgainstServer } from '../../scripts/conformance/server/run.ts';

type Liar = (server: ModelServer) => Pick<Hooks, 'saying' | 'heard'>;

/** What the kit says of a small server in memory, and of one that lies. */
async function judge(rule: string, lie?: Liar) {
  const hooks: Hooks = {};
  const names = ['alice', 'bob', 'carol'];
  await using server = await ModelServer.start({
    authenticate: ({ identifier, password }) => (password === 'right' ? people.get(identifier ?? '') : undefined),
    saying: (socket, frame) => hooks.saying?.(socket, frame) ?? [frame],
    heard: (socket, frame, text) => hooks.heard?.(socket, frame, text) ?? false,
  });
  const people = new Map(names.map((name) => [name, server.addPerson(name).id]));
  Object.assign(hooks, lie?.(server));
  const [outcome] = await runAgainstServer({
    url: `ws://127.0.0.1:${server.port}`,
    people: names.map((name) => `${name}:right`),
    rules: [rule],
    // Of one that lies much is waited for in vain.
    patienceMs: lie ? 1_000 : 20_000,
  });
  return outcome!;
}

/** Says something else instead of frames of this type. */
const instead =
  (type: string, change: (frame: AnyFrame) => AnyFrame[]): Liar =>
  () => ({ saying: (_socket, frame) => (frame.type === type ? change(frame) : [frame]) });

/** Keeps the first of two acks back until the second was said. */
const swapsAcks: Liar = () => {
  let kept: AnyFrame | undefined;
  return {
    saying(_socket, frame) {
      if (frame.type !== 'ack') return [frame];
      const before = kept;
      kept = before ? undefined : frame;
      return before ? [frame, before] : [];
    },
  };
};

const skipsVersions: Liar = (server) => ({
  heard(_socket, frame) {
    const chat = server.world.chats.get(String(frame['chat_id']));
    if (chat && frame.type === 'edit') chat.version++;
    return false;
  },
});

const tellsAgain: Liar = (server) => ({
  heard(socket, frame) {
    const known = server.world.sent.get(`${socket.userId} ${String(frame['client_id'])}`);
    if (known) server.tell({ type: 'message', chat_id: known.chat_id, version: known.version, message: known });
    return false;
  },
});

const echoes: Liar = (server) => ({
  saying(_socket, frame) {
    const sent =
      frame.type === 'ack' ? [...server.world.sent.values()].find(({ id }) => id === frame['id']) : undefined;
    return sent ? [{ type: 'message', chat_id: sent.chat_id, version: sent.version, message: sent }, frame] : [frame];
  },
});

/** A message is not as another has it. */
const mendRows = (mend: (rows: AnyFrame[]) => AnyFrame[]): Liar =>
  instead('changes', (frame) => [{ ...frame, rows: mend(frame['rows'] as AnyFrame[]) }]);

const forgetful: Liar = (server) => ({
  heard: (_socket, frame) => {
    if (frame.type === 'send') server.world.sent.clear();
    return false;
  },
});

const lies: [what: string, rule: string, Liar][] = [
  ['acks come in the wrong order', 'send.pipelined', swapsAcks],
  ['answers come in the wrong order', 'frames.order', swapsAcks],
  ['a version is skipped', 'changes.contiguous', skipsVersions],
  ['a change is told twice', 'changes.contiguous', instead('message_changed', (frame) => [frame, frame])],
  ['a duplicate is told again', 'send.duplicate', tellsAgain],
  ['a duplicate is stored again', 'send.duplicate', forgetful],
  ['a conflict is stored', 'send.conflict', forgetful],
  ['what was sent comes back', 'send.echo', echoes],
  [
    'tombstones are left out of sync',
    'sync.newest-state',
    mendRows((rows) => rows.filter((row) => !row['deleted_at'])),
  ],
  [
    'sync tells of changes without them',
    'sync.newest-state',
    mendRows((rows) => rows.map((row) => ({ ...row, text: 'a' }))),
  ],
  ['a page has one row too many', 'sync.paging', mendRows((rows) => [...rows, ...rows.slice(-1)])],
  ['there is always more', 'sync.paging', instead('changes', (frame) => [{ ...frame, more: true }])],
  ['a reference is lost', 'frames.ref', instead('pong', (frame) => [{ ...frame, ref: undefined }])],
  ['a text comes back as a number', 'frames.ref', instead('pong', (frame) => [{ ...frame, ref: Number(frame.ref) }])],
  [
    'positions go back',
    'positions.monotone',
    instead('positions', (frame) => [
      frame,
      { ...frame, rows: (frame['rows'] as AnyFrame[]).map((row) => ({ ...row, read_seq: 0 })) },
    ]),
  ],
  ['typing is not told', 'live.typing', instead('typing', () => [])],
  ['ready has no limits', 'login.ready', instead('ready', (frame) => [{ ...frame, limits: undefined }])],
];

describe.concurrent('a small server that tells the truth keeps the rules about it', () => {
  test.each([...new Set(lies.map(([, rule]) => rule))])('%s', async (rule) => {
    const outcome = await judge(rule);
    expect(outcome.result, toLines(outcome)).toBe('pass');
  });
});

describe.concurrent('a server that lies breaks the rule about it', () => {
  test.each(lies)('%s: %s', async (_what, rule, lie) => {
    const outcome = await judge(rule, lie);
    expect(outcome.result, toLines(outcome)).toBe('fail');
    expect(outcome.frames!.length).toBeGreaterThan(0);
  });
});
