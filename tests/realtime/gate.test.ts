import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/server/realtime/gate.ts';

/** Tasks that end when they are told to. */
function createTasks() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  const task = (n: number) => (): Promise<number> => {
    begun.push(n);
    return new Promise((resolve) => ends.set(n, () => resolve(n)));
  };
  return { begun, task, end: (n: number) => ends.get(n)!() };
}

describe('a gate', () => {
  it('lets as many in as it has places, and the others in their order as those go', async () => {
    const gate = new Gate({ places: 2, waitMs: 1_000, nowMs: () => 0 });
    const { begun, task, end } = createTasks();

    const all = [1, 2, 3, 4].map((n) => gate.run(task(n)));
    expect(begun).toEqual([1, 2]);
    end(2);
    await all[1];
    await expect.poll(() => begun).toEqual([1, 2, 3]);
    end(1);
    await expect.poll(() => begun).toEqual([1, 2, 3, 4]);
    end(3);
    end(4);

    expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  });

  it('gives the place of a task that fails to the next one', async () => {
    const gate = new Gate({ places: 1, waitMs: 1_000, nowMs: () => 0 });
    const failed = gate.run(() => Promise.reject(new Error('no')));
    const next = gate.run(() => Promise.resolve('in'));

    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('in');
  });

  it('refuses who has waited too long, without doing what they came for', async () => {
    let nowMs = 0;
    const gate = new Gate({ places: 1, waitMs: 1_000, nowMs: () => nowMs });
    const { begun, task, end } = createTasks();
    const first = gate.run(task(1));
    const late = gate.run(task(2));
    const refusal = late.catch((error: unknown) => error);

    nowMs = 1_001;
    const timely = gate.run(task(3));
    end(1);
    await first;
    expect(await refusal).toMatchObject({ code: 'overloaded', retry: 'same' });
    await expect.poll(() => begun).toEqual([1, 3]);
    end(3);

    expect(await timely).toBe(3);
  });
});
