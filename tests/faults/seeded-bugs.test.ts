import { describe, expect, it, vi } from 'vitest';
import { seededBugs } from './seeded-bugs/bugs.ts';
import { copySources } from './seeded-bugs/copy.ts';
import { runScenario } from './seeded-bugs/scenario.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

// The proof that the other tests of this folder can fail.
describe('the checker', () => {
  it('finds nothing wrong with the server as it is', async () => {
    using copy = copySources([]);
    expect(await runScenario(copy.root)).toEqual([]);
  });

  // A race may not come off.
  it.each(seededBugs)('finds $name', { retry: 2 }, async ({ changes, breaks }) => {
    using copy = copySources(changes);
    const breaches = await runScenario(copy.root);
    expect(breaches.filter((breach) => breaks.test(breach))).not.toEqual([]);
  });
});
