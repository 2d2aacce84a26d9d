import { describe, expect, it, vi } from 'vitest';
import { seededBugs } from './seeded-bugs/bugs.ts';
import { copySources } from './seeded-bugs/copy.ts';
import { runScenario } from './seeded-bugs/scenario.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 90_000 });

const maxRuns = 4;

// The proof that the other tests of this folder can fail.
describe('the checker', () => {
  it('finds nothing wrong with the server as it is', async () => {
    using copy = copySources([]);
    expect(await runScenario(copy.root)).toEqual([]);
  });

  it.each(seededBugs)('finds $name', async ({ changes, breaks }) => {
    using copy = copySources(changes);
    let found: string[] = [];
    // Where the node has to be killed in the right tenth of a second, one run may miss it.
    for (let runs = 0; found.length === 0 && runs < maxRuns; runs++)
      found = (await runScenario(copy.root)).filter((breach) => breaks.test(breach));
    expect(found).not.toEqual([]);
  });
});
