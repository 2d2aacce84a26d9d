import { Command } from 'commander';
import type { Finding } from './support/doctor/check.ts';
import { examine } from './support/doctor/examine.ts';
import { withDatabase } from './support/open-database.ts';
import { openProgressBar } from './support/progress-bar.ts';
import { runCommand } from './support/run-command.ts';

const toLines = ({ name, looked, of, defects, subjects, isNote }: Finding): string[] => {
  const mark = defects === 0 ? 'ok' : `${isNote ? 'note' : 'FOUND'} ${defects}`;
  const more = defects - subjects.length;
  return [
    `${mark.padEnd(9)} ${name} (${looked} ${of} looked at)`,
    ...subjects.map((subject) => `            ${subject}`),
    ...(more > 0 ? [`            and ${more} more`] : []),
  ];
};

const isDefect = (finding: Finding): boolean => finding.defects > 0 && !finding.isNote;

async function doctor(): Promise<void> {
  const progress = openProgressBar();
  const findings = await withDatabase(
    process.env,
    ({ url }) => examine(url, (done, total) => progress.show('examining', done, total)),
    { onlyReads: true },
  ).finally(() => progress.stop());
  console.log(findings.flatMap(toLines).join('\n'));
  const defects = findings.filter(isDefect).length;
  console.log(
    defects === 0
      ? `All ${findings.length} checks are fine.`
      : `${defects} of ${findings.length} checks found something.`,
  );
  if (defects > 0) process.exitCode = 1;
}

const command = new Command('doctor')
  .description(
    'Compares the database with what must always be true of it. Reads only; exits 1 when something is wrong.',
  )
  .action(doctor);

await runCommand(() => command.parseAsync());
