import { totalOf, type Report } from './run.ts';

const list = (counts: Map<string, number>): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `  ${name.padEnd(22)} ${String(n).padStart(8)}`)
    .join('\n');

/** How a run went, as a table for people. */
export function toTable(report: Report): string {
  const { operations, faults, comparisons, ms, rounds } = report;
  const seconds = ms / 1_000;
  return [
    `seed ${report.seed}: ${rounds} rounds in ${seconds.toFixed(0)} s`,
    `operations: ${totalOf(operations)} (${(totalOf(operations) / seconds).toFixed(0)} a second)`,
    list(operations),
    `faults: ${totalOf(faults)}`,
    list(faults),
    `comparisons: ${comparisons.comparisons}, of ${comparisons.values} messages held`,
    `equal at the latest ${comparisons.slowestMs} ms after the end of a round`,
    `clients that had to read anew what is only told live: ${comparisons.rereads}`,
  ].join('\n');
}

/** What was found, how to see it again, and what had happened before; empty when nothing was. */
export function toFinding({ seed, breaches, log }: Report): string {
  if (breaches.length === 0) return '';
  return [
    `MODEL_SEED=${seed} plays this again (and MODEL_FRAMES=1 notes what is said on the wire):`,
    ...breaches,
    'Before that:',
    ...log,
  ].join('\n');
}
