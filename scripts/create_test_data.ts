import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { openCredentials } from '../src/server/accounts/credentials.ts';
import { loadFile, type LoadSummary } from './support/load/load-file.ts';
import { withDatabase } from './support/open-database.ts';
import { runCommand } from './support/run-command.ts';
import { createTestWorld, testGroupName, testNames, testPassword } from './support/test-world.ts';

async function load(url: string, cost: number): Promise<LoadSummary> {
  const folder = await mkdtemp(join(tmpdir(), 'messenger-test-data-'));
  try {
    const file = join(folder, 'test-data.json');
    await writeFile(file, JSON.stringify(createTestWorld(Date.now())));
    await using credentials = openCredentials({ cost });
    return await loadFile({ url, credentials, file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function report({ added }: LoadSummary): void {
  if (added.users + added.chats + added.messages === 0) {
    console.log('Nothing to do: the test data is in the database already.');
    return;
  }
  console.log(`People: ${testNames.map((name) => `${name} <${name.toLowerCase()}@example.com>`).join(', ')}`);
  console.log(`Everybody's password: ${testPassword}`);
  console.log('Personal chat of Alice and Bob: 2 messages');
  console.log(`Group "${testGroupName}" of all four, made by Alice: 3 messages`);
  console.log('Test data created successfully!');
}

const command = new Command('create_test_data')
  .description('Makes four people, a chat of two and a group of all to try things with. A second run changes nothing.')
  .action(async () => report(await withDatabase(process.env, ({ url, config }) => load(url, config.bcryptCost))));

await runCommand(() => command.parseAsync());
