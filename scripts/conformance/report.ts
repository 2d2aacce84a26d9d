import type { Outcome, Result } from './rule.ts';

const marks: Record<Result, string> = { pass: 'pass   ', fail: 'FAIL   ', skipped: 'skipped' };

const indent = (text: string): string => text.replaceAll('\n', '\n          ');

/** One outcome as lines to read: the rule, and where it did not hold the reason and what was said. */
export const toLines = ({ id, says, result, reason, frames = [] }: Outcome): string =>
  [
    `${marks[result]} ${id}: ${says}`,
    ...(reason === undefined ? [] : [`        ${result === 'fail' ? '✗' : '–'} ${indent(reason)}`]),
    ...frames.map((frame) => `          ${frame}`),
  ].join('\n');

const count = (outcomes: readonly Outcome[], result: Result): number =>
  outcomes.filter((outcome) => outcome.result === result).length;

export const toSummary = (outcomes: readonly Outcome[]): string =>
  `${outcomes.length} rules: ${count(outcomes, 'pass')} pass, ${count(outcomes, 'fail')} fail, ${count(outcomes, 'skipped')} skipped`;

/** Passed: nothing failed, and something was seen at all. */
export const isPassed = (outcomes: readonly Outcome[]): boolean =>
  count(outcomes, 'fail') === 0 && count(outcomes, 'pass') > 0;

export const toJson = (outcomes: readonly Outcome[]): string =>
  JSON.stringify(
    {
      passed: isPassed(outcomes),
      pass: count(outcomes, 'pass'),
      fail: count(outcomes, 'fail'),
      skipped: count(outcomes, 'skipped'),
      rules: outcomes,
    },
    null,
    2,
  );
