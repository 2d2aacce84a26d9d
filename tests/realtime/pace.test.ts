import { beforeEach, describe, expect, it } from 'vitest';
import { Pace } from '../../src/server/realtime/pace.ts';

let nowMs: number;
let pace: Pace<string>;

beforeEach(() => {
  nowMs = 0;
  pace = new Pace<string>({ perSecond: 10, burst: 3 }, () => nowMs);
});

describe('a pace', () => {
  it('lets a burst pass at once, then asks to wait as long as the rate says', () => {
    expect([pace.take('alice'), pace.take('alice'), pace.take('alice')]).toEqual([0, 0, 0]);
    expect([pace.take('alice'), pace.take('alice')]).toEqual([100, 200]);
    expect(pace.take('bob')).toBe(0);
    nowMs += 300;
    expect(pace.take('alice')).toBe(0);
  });

  it('takes nothing when asked only to try, and there is nothing', () => {
    expect(Array.from({ length: 5 }, () => pace.tryTake('alice'))).toEqual([true, true, true, false, false]);
    nowMs += 100;
    expect([pace.tryTake('alice'), pace.tryTake('alice')]).toEqual([true, false]);
  });

  it('stays as quick for each key when very many keys are not full', () => {
    const manyKeys = 200_000;
    const startedAt = performance.now();
    for (let i = 0; i < manyKeys; i++) pace.take(`key ${i}`);
    // Looking through all of them each time would take minutes.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
