import type { Result } from './result.ts';

/** Three digits that say something, or whole numbers. */
export function toNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, digits === 0 ? ',' : '');
}

const columns = ['figure', 'value', 'unit', 'reference', 'ratio', 'reach', 'ok', 'CPU µs each', 'limited by'];

const toCells = (result: Result): string[] => [
  result.name,
  toNumber(result.value),
  result.unit,
  result.reference === null ? '–' : toNumber(result.reference),
  result.ratio === null ? '–' : result.ratio.toFixed(2),
  result.reach,
  result.ok ? 'yes' : 'SHORT',
  result.cpuMicros === undefined ? '–' : toNumber(result.cpuMicros),
  result.limitedBy,
];

/** The results as a Markdown table whose columns line up in a terminal. */
export function toTable(results: readonly Result[]): string {
  const rows = [columns, ...results.map(toCells)];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const toLine = (cells: string[]): string => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [toLine(rows[0]!), rule, ...rows.slice(1).map(toLine)].join('\n');
}

/** The results for a program: numbers unrounded. */
export const toJson = (results: readonly Result[]): string =>
  `${JSON.stringify(
    results.map(({ name, value, unit, reference, ratio, reach, ok }) => ({
      name,
      value,
      unit,
      reference,
      ratio,
      reach,
      ok,
    })),
    null,
    2,
  )}\n`;
