import { Command } from 'commander';
import { openCredentials } from '../src/server/accounts/credentials.ts';
import { loadFile, type LoadSummary } from './support/load/load-file.ts';
import { withDatabase } from './support/open-database.ts';
import { openProgressBar } from './support/progress-bar.ts';
import { runCommand } from './support/run-command.ts';

const toLine = (file: string, { added, present }: LoadSummary): string => {
  const isNothing = added.users + added.chats + added.messages === 0;
  const list = ({ users, chats, messages }: LoadSummary['added']): string =>
    `${users} users, ${chats} chats, ${messages} messages`;
  if (isNothing) return `Nothing to do: all of ${file} is in the database already (${list(present)}).`;
  const rest =
    present.users + present.chats + present.messages === 0 ? '' : ` There already and left alone: ${list(present)}.`;
  return `Loaded ${file}: ${list(added)}.${rest}`;
};

async function populate(file: string): Promise<void> {
  const progress = openProgressBar();
  const summary = await withDatabase(process.env, async ({ url, config }) => {
    await using credentials = openCredentials({ cost: config.bcryptCost });
    return await loadFile({ url, credentials, file, progress: progress.show });
  }).finally(() => progress.stop());
  if (summary.removedLeftovers > 0) console.log(`Removed ${summary.removedLeftovers} rows of a load that was cut off.`);
  console.log(toLine(file, summary));
}

const command = new Command('populate')
  .description('Loads a data file: in one go or not at all, with the server up or down. A second run changes nothing.')
  .argument('[file]', 'the data file', 'fake_data.json')
  .action(populate);

await runCommand(() => command.parseAsync());
