import { expect, it } from 'vitest';
import { Gates } from '../../src/server/realtime/gates.ts';

it('what is done for one person at a time is bounded, and keeps nobody else waiting', async () => {
  const gates = new Gates<string>({ places: 2, waitMs: 1_000, nowMs: () => 0 });
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const task = (name: string) => (): Promise<void> => {
    begun.push(name);
    return new Promise((resolve) => ends.push(resolve));
  };

  const all = ['a1', 'a2', 'a3', 'b1'].map((name) => gates.run(name[0]!, task(name)));
  await expect.poll(() => begun).toEqual(['a1', 'a2', 'b1']);
  ends[0]!();
  await expect.poll(() => begun).toEqual(['a1', 'a2', 'b1', 'a3']);
  for (const end of ends) end();

  await Promise.all(all);
});
