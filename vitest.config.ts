import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes a minute and more begins first, so that nothing is left to wait for alone at the end. */
const long = /tests\/(model|faults|conformance|start)\/|tests\/web\/(axe|xss)/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => long.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    setupFiles: ['tests/support/answers/setup.ts'],
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    // Files that run in one process share what they import: nearly half of the work is else to read it again.
    isolate: false,
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Patience, no bound: where something has to happen within a time, the test says so.
    expect: { poll: { timeout: 20_000 } },
  },
});
