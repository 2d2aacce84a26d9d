import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { openCredentials } from '../src/server/accounts/credentials.ts';
import { parseRecord, type ArrayName } from './support/dataset.ts';
import { toDemoLines } from './support/demo-lines.ts';
import { loadFile } from './support/load/load-file.ts';
import { withDatabase } from './support/open-database.ts';
import { runCommand } from './support/run-command.ts';

/**
 * The server in a world of its own, open to look at. The file .env is for the real one: its database, data folder,
 * address and history setting do not count here, only those that the shell or the container sets.
 */
const file = 'fake_data.json';

const defaults = { DATABASE_URL: '', DATA_DIR: './data/demo', HOST: '127.0.0.1', HISTORY_PUBLIC: 'true' };

async function prepareDemo(): Promise<void> {
  for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;
  const people = (JSON.parse(await readFile(file, 'utf8')) as Record<ArrayName, unknown[]>).users;
  const address = await withDatabase(process.env, async ({ sql, url, config }) => {
    const [state] = await sql<{ empty: boolean }[]>`select not exists (select from users) as empty`;
    await using credentials = openCredentials({ cost: config.bcryptCost });
    if (state?.empty) await loadFile({ url, credentials, file });
    console.log(state?.empty ? `Loaded ${file}.` : 'The demo has data already; nothing was loaded.');
    return { host: config.host, port: config.port };
  });
  const users = people.map((person, i) => parseRecord('users', i, person));
  console.log(toDemoLines({ ...address, users }).join('\n'));
}

const command = new Command('demo')
  .description(
    'The server with four people in it, in a data folder of its own: ./data/demo, unless the shell sets DATA_DIR. The variables are listed by: npm start -- --help',
  )
  .action(async () => {
    await prepareDemo();
    await import('../src/server/main.ts');
  });

await runCommand(() => command.parseAsync());
