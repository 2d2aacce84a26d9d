import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessengerError } from '../../src/client/errors.ts';
import { maxOnTheWay } from '../../src/client/on-the-way.ts';
import { Outbox } from '../../src/client/outbox.ts';
import { memoryStorage, type Clock, type Storage } from '../../src/client/platform.ts';
import type { Ack } from '../../src/client/views.ts';

type SendFrame = Parameters<ConstructorParameters<typeof Outbox>[0]['send']>[0];
type Fate = 'stored' | 'busy' | 'ack lost' | 'never there';

/** Waits pass at once, but never before what is going on now is done. */
const hasty: Clock = {
  now: () => 0,
  after(_waitMs, callback) {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};
const moment = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A server as far as sending goes: the same client_id is one message, and `after` has to be stored. */
class Shelf {
  readonly stored: string[] = [];
  readonly texts: string[] = [];
  readonly sent: SendFrame[] = [];
  readonly fates: Fate[] = [];
  outbox!: Outbox;

  async send(frame: SendFrame): Promise<Ack> {
    this.sent.push(frame);
    const fate = this.fates.shift() ?? 'stored';
    const refuse = (code: MessengerError['code'], retry: 'same' | 'new'): never => {
      throw new MessengerError(code, { retry });
    };
    if (fate === 'never there') this.breakDown();
    const isKnown = this.stored.includes(frame.client_id);
    if (fate === 'busy') refuse('overloaded', 'same');
    if (frame.text === 'bad') refuse('invalid_request', 'new');
    if (frame.after != null && !this.stored.includes(frame.after)) refuse('depends_missing', 'same');
    if (!isKnown) {
      this.stored.push(frame.client_id);
      this.texts.push(frame.text!);
    }
    if (fate === 'ack lost') this.breakDown();
    await Promise.resolve();
    const seq = this.stored.indexOf(frame.client_id) + 1;
    const { chat_id, client_id, timestamp } = frame as Required<SendFrame>;
    return { chat_id, client_id, id: client_id, seq, version: seq, timestamp: String(timestamp), duplicate: isKnown };
  }

  /** The connection breaks under what is being sent; the next one is there soon. */
  breakDown(): never {
    setImmediate(() => {
      this.outbox.disconnected();
      this.outbox.connected();
    });
    throw new MessengerError('connection_lost');
  }
}

const chatId = randomUUID();
const toFrame = (text: string, to: string = chatId) => ({
  chat_id: to,
  client_id: randomUUID(),
  text,
  timestamp: '2025-05-04T04:45:50Z',
});

function openOutbox(
  shelf: Shelf,
  storage?: Storage,
  onError: (error: MessengerError) => void = (error) => expect.fail(error.message),
): Outbox {
  const outbox = new Outbox({
    storage,
    key: 'outbox',
    clock: hasty,
    random: () => 0.5,
    send: (frame) => shelf.send(frame),
    batch: (change) => change(),
    onChange: () => undefined,
    onSent: () => undefined,
    onFailed: () => undefined,
    onError,
  });
  shelf.outbox = outbox;
  return outbox;
}

async function untilEmpty(outbox: Outbox): Promise<void> {
  for (let moments = 0; moments < 2_000; moments++) {
    if (outbox.pending.every(({ status }) => status === 'failed')) return;
    await moment();
  }
  expect.fail(`still waiting: ${JSON.stringify(outbox.pending)}`);
}

describe('the outbox', () => {
  it('whatever the network and the server do, each message is stored once, in the order of sending', async () => {
    const fate = fc.constantFrom<Fate>('stored', 'stored', 'busy', 'ack lost', 'never there');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
        fc.array(fate, { maxLength: 30 }),
        fc.boolean(),
        async (good, fates, isKept) => {
          const shelf = new Shelf();
          shelf.fates.push(...fates);
          const outbox = openOutbox(shelf, isKept ? memoryStorage() : undefined);
          await outbox.belongTo('alice');
          outbox.connected();
          const texts = good.map((isGood, i) => (isGood ? `text ${i}` : 'bad'));
          for (const text of texts) outbox.add(toFrame(text));
          await untilEmpty(outbox);
          expect(shelf.texts).toEqual(texts.filter((text) => text !== 'bad'));
          expect(outbox.pending).toHaveLength(texts.filter((text) => text === 'bad').length);
          await outbox.close();
        },
      ),
      { numRuns: 300 },
    );
  });

  it('sends without waiting for acks, each naming the one before', async () => {
    const shelf = new Shelf();
    const outbox = openOutbox(shelf);
    outbox.connected();
    const frames = ['one', 'two', 'three'].map((text) => toFrame(text));
    for (const frame of frames) outbox.add(frame);
    expect(shelf.sent.map(({ after }) => after)).toEqual([undefined, frames[0]!.client_id, frames[1]!.client_id]);
    await untilEmpty(outbox);
  });

  it('has a message in the storage before it is sent for the first time', async () => {
    const shelf = new Shelf();
    const kept = memoryStorage();
    let finish: () => void = () => undefined;
    const slow: Storage = {
      ...kept,
      set: (key, value) => new Promise((resolve) => (finish = () => resolve(kept.set(key, value)))),
    };
    const outbox = openOutbox(shelf, slow);
    await outbox.belongTo('alice');
    outbox.connected();
    outbox.add(toFrame('one'));
    await moment();
    await moment();
    expect(shelf.sent).toEqual([]);
    finish();
    await untilEmpty(outbox);
    expect(shelf.texts).toEqual(['one']);
  });

  it('goes on with what an earlier run left behind, before what is new', async () => {
    const storage = memoryStorage();
    const before = openOutbox(new Shelf(), storage);
    await before.belongTo('alice');
    before.add(toFrame('left behind'));
    await moment();
    await before.close();

    const shelf = new Shelf();
    const after = openOutbox(shelf, storage);
    after.add(toFrame('new'));
    await after.belongTo('alice');
    after.connected();
    await untilEmpty(after);
    expect(shelf.texts).toEqual(['left behind', 'new']);
    expect(await storage.get('outbox')).toBeUndefined();
  });

  it('forgets what an earlier run left behind too, though it was not read yet', async () => {
    for (const isKnown of [false, true]) {
      const storage = memoryStorage();
      const first = openOutbox(new Shelf(), storage);
      await first.belongTo('alice');
      first.add(toFrame('a secret'));
      await first.close();
      const second = openOutbox(new Shelf(), storage);
      const taken = isKnown && second.belongTo('alice');
      await second.clear();
      await taken;
      await moment();
      expect(await storage.get('outbox')).toBeUndefined();
    }
  });

  it('has in the storage what it was given before it had read that, when it was closed', async () => {
    const storage = memoryStorage();
    const outbox = openOutbox(new Shelf(), storage);
    void outbox.belongTo('alice');
    outbox.add(toFrame('just before the end'));
    await outbox.close();
    expect(await storage.get('outbox')).toContain('just before the end');
  });

  it('takes what is given twice under one client_id for one message', async () => {
    const shelf = new Shelf();
    const outbox = openOutbox(shelf);
    const frame = toFrame('once');
    const sendings = [outbox.add(frame), outbox.add(frame)];
    expect(outbox.pending).toHaveLength(1);
    outbox.connected();
    const [first, second] = await Promise.all(sendings.map(({ stored }) => stored));
    expect(second).toBe(first);
    expect(shelf.sent).toHaveLength(1);
  });

  it('promises nothing when it was closed', async () => {
    const storage = memoryStorage();
    const outbox = openOutbox(new Shelf(), storage);
    await outbox.belongTo('alice');
    await outbox.close();
    await expect(outbox.add(toFrame('too late')).stored).rejects.toMatchObject({ code: 'stopped' });
    await moment();
    expect(await storage.get('outbox')).toBeUndefined();
  });

  it('never sends what somebody else left behind', async () => {
    const storage = memoryStorage();
    const ofAlice = openOutbox(new Shelf(), storage);
    await ofAlice.belongTo('alice');
    ofAlice.add(toFrame('by Alice'));
    await moment();
    await ofAlice.close();
    const shelf = new Shelf();
    const ofBob = openOutbox(shelf, storage);
    await ofBob.belongTo('bob');
    ofBob.connected();
    await moment();
    expect(ofBob.pending).toEqual([]);
    expect(shelf.sent).toEqual([]);
  });

  it('takes over what another one left behind, and deletes it only when it is safe here', async () => {
    const [theirs, own] = [memoryStorage(), memoryStorage()];
    const gone = openOutbox(new Shelf(), theirs);
    await gone.belongTo('alice');
    for (const text of ['first', 'second']) gone.add(toFrame(text));
    await moment();
    await gone.close();

    const shelf = new Shelf();
    const outbox = openOutbox(shelf, own);
    outbox.add(toFrame('own'));
    await outbox.adopt(theirs);
    expect(outbox.pending).toHaveLength(1);
    await outbox.belongTo('alice');
    const watched: Storage = {
      ...theirs,
      delete: async (key) => {
        expect(await own.get(key)).toContain('second');
        await theirs.delete(key);
      },
    };
    await outbox.adopt(watched);
    expect(await theirs.get('outbox')).toBeUndefined();
    await outbox.adopt(theirs);
    outbox.connected();
    await untilEmpty(outbox);
    expect(shelf.texts).toEqual(['own', 'first', 'second']);
  });

  it('takes nothing out of the storage of another when its own fails', async () => {
    const theirs = memoryStorage();
    const gone = openOutbox(new Shelf(), theirs);
    await gone.belongTo('alice');
    gone.add(toFrame('left behind'));
    await moment();
    await gone.close();

    const full: Storage = { ...memoryStorage(), set: () => Promise.reject(new Error('full')) };
    const shelf = new Shelf();
    const errors: MessengerError[] = [];
    const outbox = openOutbox(shelf, full, (error) => errors.push(error));
    await outbox.belongTo('alice');
    await outbox.adopt(theirs);
    expect(errors).toMatchObject([{ code: 'storage' }]);
    expect(await theirs.get('outbox')).toContain('left behind');
    outbox.connected();
    await untilEmpty(outbox);
    expect(shelf.texts).toEqual(['left behind']);
  });

  it('takes over nothing of somebody else', async () => {
    const theirs = memoryStorage();
    const ofAlice = openOutbox(new Shelf(), theirs);
    await ofAlice.belongTo('alice');
    ofAlice.add(toFrame('by Alice'));
    await moment();
    const ofBob = openOutbox(new Shelf(), memoryStorage());
    await ofBob.belongTo('bob');
    await ofBob.adopt(theirs);
    expect(ofBob.pending).toEqual([]);
    expect(await theirs.get('outbox')).toContain('by Alice');
    await Promise.all([ofAlice.close(), ofBob.close()]);
  });

  it('lets a refused message be tried again, as the newest', async () => {
    const shelf = new Shelf();
    shelf.fates.push('stored');
    const outbox = openOutbox(shelf);
    outbox.connected();
    const refused = toFrame('bad');
    outbox.add(refused);
    outbox.add(toFrame('two'));
    await untilEmpty(outbox);
    expect(outbox.pending).toMatchObject([{ status: 'failed', error: { code: 'invalid_request' } }]);
    outbox.retry(refused.client_id);
    expect(outbox.pending.at(-1)).toMatchObject({ client_id: refused.client_id, status: 'sent' });
    await untilEmpty(outbox);
  });

  describe('with more to send than may be on its way', () => {
    /** A shelf that answers when it is told to. */
    class SlowShelf extends Shelf {
      readonly waiting: { frame: SendFrame; answer(): void; refuse(code: MessengerError['code']): void }[] = [];

      override send(frame: SendFrame): Promise<Ack> {
        this.sent.push(frame);
        return new Promise((resolve, reject) =>
          this.waiting.push({
            frame,
            answer: () => resolve(super.send(frame).finally(() => this.sent.pop())),
            refuse: (code) => reject(new MessengerError(code)),
          }),
        );
      }
    }

    function openFull(count: number) {
      const shelf = new SlowShelf();
      const outbox = openOutbox(shelf);
      outbox.connected();
      const frames = Array.from({ length: count }, (_, i) => toFrame(`text ${i}`));
      for (const frame of frames) outbox.add(frame);
      return { shelf, outbox, frames };
    }

    it('lets some wait for the acks of others, and all arrive in order', async () => {
      const { shelf, outbox, frames } = openFull(maxOnTheWay * 3);
      let most = 0;
      while (shelf.waiting.length > 0) {
        most = Math.max(most, shelf.waiting.length);
        shelf.waiting.shift()!.answer();
        await moment();
      }
      expect(most).toBe(maxOnTheWay);
      expect(shelf.texts).toEqual(frames.map(({ text }) => text));
      expect(outbox.pending).toEqual([]);
    });

    it('says one whose time is over again in its own place, and takes the ack that comes late', async () => {
      const { shelf, outbox, frames } = openFull(maxOnTheWay + 10);
      for (const { refuse } of shelf.waiting.splice(0)) refuse('timeout');
      await moment();
      await moment();
      expect(shelf.sent.slice(maxOnTheWay).map(({ text }) => text)).toEqual(
        frames.slice(0, maxOnTheWay).map(({ text }) => text),
      );
      const ack = { id: 'x', seq: 1, version: 1, timestamp: '2025-05-04T04:45:50Z', duplicate: false };
      outbox.settle({ ...ack, chat_id: chatId, client_id: frames[0]!.client_id });
      expect(outbox.pending).toHaveLength(maxOnTheWay + 9);
      expect(shelf.sent.at(-1)!.text).toBe(`text ${maxOnTheWay}`);
    });

    it('another chat is next when there is room', async () => {
      const { shelf, outbox } = openFull(maxOnTheWay * 2);
      outbox.add(toFrame('elsewhere', randomUUID()));
      shelf.waiting.shift()!.answer();
      await moment();
      expect(shelf.waiting.at(-1)!.frame.text).toBe('elsewhere');
    });

    it('what a broken connection had not answered leaves its room to the next', async () => {
      const { shelf, outbox } = openFull(maxOnTheWay + 1);
      outbox.disconnected();
      outbox.connected();
      await moment();
      expect(shelf.sent).toHaveLength(maxOnTheWay * 2);
    });
  });
});
