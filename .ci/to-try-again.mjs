/**
 * `node .ci/to-try-again.mjs files|tests REPORT`: of a JSON report of Vitest, the files whose failed tests may be tried
 * again, or those tests, one in a line. None when tests of more than two files failed: that is no chance. None either when
 * one of them searched at random: it found a counterexample, and the next search would only not find it.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [what, report] = process.argv.slice(2);
const failed = JSON.parse(readFileSync(report, 'utf8'))
  .testResults.filter(({ status }) => status === 'failed')
  .map(({ name, assertionResults }) => ({
    file: relative('.', name),
    tests: assertionResults.filter(({ status }) => status === 'failed'),
  }));
const tests = failed.flatMap(({ file, tests: its }) => its.map((test) => ({ ...test, file })));
const isFound = ({ file, failureMessages }) =>
  file === 'tests/model/model.test.ts' || failureMessages.some((message) => message.includes('Property failed'));

if (failed.every(({ tests: its }) => its.length > 0) && failed.length <= 2 && !tests.some(isFound)) {
  const lines =
    what === 'files' ? failed.map(({ file }) => file) : tests.map((test) => `${test.file} > ${test.fullName}`);
  for (const line of lines) console.log(line);
}
