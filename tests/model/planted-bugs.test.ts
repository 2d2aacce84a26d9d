import { pathToFileURL } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { copySources } from '../faults/seeded-bugs/copy.ts';
import { createDatabase } from '../support/database.ts';
import { compiled } from '../support/programs.ts';
import type { Connect } from './phone.ts';
import { plantedBugs } from './planted-bugs.ts';
import { playScenarios, scenarioNames } from './scenarios.ts';

// Real processes start and end here, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000 });

const importConnect = async (root: string): Promise<Connect> =>
  ((await import(pathToFileURL(compiled('src/client/index.ts', root)).href)) as { connect: Connect }).connect;

// The proof that the model-based test can fail.
describe('what is looked at when everything is at rest', () => {
  it('has nothing wrong with clients and server as they are, whatever happens', async () => {
    await using database = await createDatabase();
    const found = await playScenarios({ databaseUrl: database.url, connect }, scenarioNames, { isPatient: true });
    expect(found).toEqual([]);
  });

  // A race may not come off on a busy machine.
  it.each(plantedBugs)('shows $name', { retry: 2 }, async ({ in: where, scenario, changes }) => {
    using copy = copySources(changes);
    await using database = await createDatabase({ migrated: where === 'client' });
    const sources = where === 'client' ? { connect: await importConnect(copy.root) } : { connect, root: copy.root };
    const found = await playScenarios({ databaseUrl: database.url, ...sources }, [scenario], { isPatient: false });
    // That something did not happen in time may be the machine's fault.
    expect(found.filter((sentence) => !sentence.includes('did not happen'))).not.toEqual([]);
  });
});
