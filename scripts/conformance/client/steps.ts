/** What each step of a script does. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Change } from '../model/chat.ts';
import type { Message } from '../../../src/protocol/message.ts';
import type { AnyFrame } from '../model/server.ts';
import { demand, Skipped, toCanonical } from '../rule.ts';
import type { Heard, Play } from './play.ts';
import type { StepName, StepOf } from './script.ts';
import type { Shown } from './subject.ts';

type Steps = { [N in StepName]: (play: Play, step: StepOf<N>) => Promise<void> | void };

/** `$chat`, `$watermark` and `$name.key`, as they are now. */
function fill(play: Play, value: unknown): unknown {
  if (typeof value === 'object' && value !== null)
    return Array.isArray(value)
      ? value.map((one) => fill(play, one))
      : Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(play, one)]));
  if (typeof value !== 'string' || !value.startsWith('$')) return value;
  const now: Record<string, unknown> = {
    chat: play.chat.id,
    me: play.me,
    alice: play.alice,
    version: play.chat.version,
    watermark: play.known.watermark,
    token: undefined,
  };
  const [name = '', key] = value.slice(1).split('.');
  return key === undefined ? now[name] : play.remembered.get(name)?.[key];
}

const isLike = (frame: AnyFrame, wanted: Record<string, unknown>): boolean =>
  Object.entries(wanted).every(([key, value]) => toCanonical(frame[key]) === toCanonical(value));

const heardSince = (play: Play, wanted: Record<string, unknown>): Heard | undefined =>
  play.heard.slice(play.cursor).find(({ frame }) => isLike(frame, wanted));

const say = (why: string | undefined, what: string): string => (why === undefined ? what : `${why} (${what})`);

const mended = (message: Message, how: StepOf<'change'>['how'], userId: string): Message => {
  const { reactions: _, ...bare } = message;
  const now = new Date().toISOString();
  const hows: Record<typeof how, () => Message> = {
    edit: () => ({ ...message, text: `${message.text}, edited`, edited_at: now }),
    react: () => ({ ...message, reactions: [{ emoji: '👍', user_ids: [userId] }] }),
    unreact: () => bare,
    delete: () => ({ ...bare, text: '', deleted_at: now }),
  };
  return hows[how]();
};

/** What a client holds of a chat must be true and the newest; of deleted messages it may show nothing. */
function findLie(shown: readonly Shown[], truth: readonly Message[]): string | undefined {
  const texts = new Map(truth.map(({ seq, text }) => [seq, text]));
  const seqs = shown.map(({ seq }) => seq);
  if (seqs.some((seq, i) => i > 0 && seq <= seqs[i - 1]!)) return `its messages are not ascending: ${seqs.join()}`;
  const wrong = shown.find(({ seq, text }) => texts.get(seq) !== text);
  if (wrong)
    return `message ${wrong.seq} says ${JSON.stringify(wrong.text)}, not ${JSON.stringify(texts.get(wrong.seq))}`;
  const first = Math.max(seqs[0] ?? 1, 1);
  const held = new Set(seqs);
  const missing = truth.find(({ seq, text }) => seq >= first && text !== '' && !held.has(seq));
  return missing && `message ${missing.seq} of ${truth.length} is missing`;
}

const deeds: Pick<Steps, 'store' | 'change' | 'unknown' | 'tell' | 'push' | 'restore' | 'answer' | 'release' | 'ask'> =
  {
    store(play, { count, ...how }) {
      play.turn();
      for (let i = 0; i < count; i++)
        play.give(play.chat.store({ sender_id: play.alice, text: `message ${play.chat.lastSeq + 1}` }).change, how);
    },
    change(play, { seq, how, ...told }) {
      play.turn();
      play.give(
        play.chat.mend(seq, (message) => mended(message, how, play.alice))!,
        told,
      );
    },
    unknown(play, { kind }) {
      play.turn();
      const change = play.chat.change('chat_deleted', () => ({}));
      play.say({ ...change, type: kind, what: { it: 'means' } });
    },
    tell(play, { names, covering }) {
      play.turn();
      for (const name of names) {
        const change = play.kept.get(name) as Change | undefined;
        demand(change !== undefined, `the script keeps no change called ${name}`);
        play.say(covering === undefined ? change : { ...change, after: change.version - covering });
      }
    },
    push(play, { frame }) {
      play.turn();
      play.say(fill(play, frame) as AnyFrame);
    },
    restore: (play, { dropping }) => play.restore(dropping),
    answer: (play, { to, with: how }) => void play.answering.set(to, [...how]),
    release: (play) => play.release(),
    async ask(play, { send }) {
      const { subject } = play.options;
      if (!subject.send) throw new Skipped('needs a client that can be told to send');
      play.turn();
      for (const text of send) await subject.send(play.chat.id, text);
    },
  };

const demands: Pick<Steps, 'expect' | 'expect_none' | 'expect_login' | 'expect_no_login' | 'expect_view' | 'settle'> = {
  async expect(play, { frame, as, within_ms, not_before_ms = 0, why }) {
    const wanted = fill(play, frame) as Record<string, unknown>;
    const what = say(why, `a frame like ${JSON.stringify(wanted)}`);
    const found = await play.until(what, () => heardSince(play, wanted), within_ms);
    const waitedMs = found.atMs - play.sinceMs;
    demand(waitedMs >= not_before_ms, `${what}: already after ${Math.round(waitedMs)} ms`);
    play.cursor = play.heard.indexOf(found) + 1;
    if (as !== undefined) play.remembered.set(as, found.frame);
  },
  async expect_none(play, { frame, for_ms, why }) {
    const wanted = fill(play, frame) as Record<string, unknown>;
    const what = say(why, `it must not say a frame like ${JSON.stringify(wanted)}`);
    await play.never(what, () => heardSince(play, wanted) !== undefined, for_ms);
  },
  async expect_login(play, { within_ms, not_before_ms = 0, why }) {
    const what = say(why, 'a login');
    const atMs = await play.until(what, () => play.logins[play.loginCursor], within_ms);
    play.loginCursor++;
    const waitedMs = atMs - play.sinceMs;
    demand(waitedMs >= not_before_ms, `${what}: already after ${Math.round(waitedMs)} ms`);
  },
  async settle(play, { quiet_ms }) {
    for (let before = -1; before !== play.heard.length;) {
      before = play.heard.length;
      await play.never('', () => false, quiet_ms);
    }
  },
  expect_no_login: (play, { for_ms, why }) =>
    play.never(say(why, 'it must not connect again'), () => play.opened.some((atMs) => atMs > play.sinceMs), for_ms),
  async expect_view(play, { why }) {
    const { subject, patienceMs } = play.options;
    const endsAt = performance.now() + patienceMs;
    for (;;) {
      const shown = play.isBlind ? undefined : await subject.view?.(play.chat.id);
      play.isBlind = !shown;
      if (!shown) return;
      const lie = findLie(shown, play.chat.messages);
      if (lie === undefined) return;
      demand(performance.now() < endsAt, say(why, `what it shows is not so: ${lie}`));
      await play.never('', () => false, 50);
    }
  },
};

const ends: Pick<Steps, 'close' | 'break' | 'freeze' | 'refuse'> = {
  close(play, { code }) {
    play.turn();
    for (const { ws } of play.server.sockets) ws.close(code);
  },
  break(play) {
    play.turn();
    for (const { ws } of play.server.sockets) ws.terminate();
  },
  freeze(play) {
    play.turn();
    play.freeze();
  },
  async refuse(play, { for_ms, at_most }) {
    play.turn();
    play.isRefusing = true;
    for (const { ws } of play.server.sockets) ws.close(1013);
    await pause(for_ms);
    play.isRefusing = false;
    const tries = play.opened.filter((atMs) => atMs > play.sinceMs).length;
    demand(tries <= at_most, `${tries} connections in ${for_ms} ms; ${at_most} would do`);
  },
};

const table: Steps = { ...deeds, ...demands, ...ends };

/** Steps that show what a client does, however little it says of itself. */
const telling = new Set<StepName>(['expect', 'expect_none', 'expect_no_login', 'refuse']);

export async function playSteps(play: Play): Promise<void> {
  const { steps } = play.options.script;
  for (const { name, value } of steps)
    await (table[name] as (play: Play, step: unknown) => Promise<void> | void)(play, value);
  play.check();
  if (play.isBlind && !steps.some(({ name }) => telling.has(name)))
    throw new Skipped('needs a client that says what it shows');
}
