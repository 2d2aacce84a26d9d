import { open, type FileHandle } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { arrayNames, DatasetError, type ArrayName } from './support/dataset.ts';
import { openProgressBar } from './support/progress-bar.ts';
import { generateDataset, type RandomDatasetOptions } from './support/random-dataset.ts';
import { runCommand } from './support/run-command.ts';

const indent = 4;
const charactersPerWrite = 256 * 1024;

interface Options {
  users: number;
  chats: number;
  messages: number;
  seed?: number;
  force?: true;
}

const atLeast =
  (min: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < min)
      throw new InvalidArgumentError(`A whole number of at least ${min} is needed.`);
    return value;
  };

/** One record as `JSON.stringify(file, null, 4)` would write it in its array. */
const toText = (record: unknown): string => {
  const margin = ' '.repeat(2 * indent);
  return `${margin}${JSON.stringify(record, null, indent).replaceAll('\n', `\n${margin}`)}`;
};

/** The text of a data file, in pieces: all seven arrays in order, also those without a record. */
function* writeDataset(options: RandomDatasetOptions, onMessage: () => void): Generator<string> {
  let opened = -1;
  let isEmpty = true;
  function* openUpTo(last: number): Generator<string> {
    while (opened < last) {
      if (opened >= 0) yield isEmpty ? '],\n' : `\n${' '.repeat(indent)}],\n`;
      opened++;
      isEmpty = true;
      yield `${' '.repeat(indent)}"${arrayNames[opened] satisfies ArrayName | undefined}": [`;
    }
  }
  yield '{\n';
  for (const { array, record } of generateDataset(options)) {
    yield* openUpTo(arrayNames.indexOf(array));
    yield `${isEmpty ? '' : ','}\n${toText(record)}`;
    isEmpty = false;
    if (array === 'messages') onMessage();
  }
  yield* openUpTo(arrayNames.length - 1);
  yield isEmpty ? ']\n}\n' : `\n${' '.repeat(indent)}]\n}\n`;
}

async function openNew(file: string, force: boolean): Promise<FileHandle> {
  try {
    return await open(file, force ? 'w' : 'wx');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new DatasetError(`${file} is there already. Name another file, or say --force to overwrite it.`);
  }
}

async function createJson(file: string, { force, seed = randomInt(2 ** 31), ...sizes }: Options): Promise<void> {
  const handle = await openNew(file, force === true);
  const progress = openProgressBar();
  try {
    let text = '';
    let written = 0;
    for (const piece of writeDataset({ ...sizes, seed }, () => written++)) {
      text += piece;
      if (text.length < charactersPerWrite) continue;
      await handle.appendFile(text);
      text = '';
      progress.show('writing', written, sizes.messages);
    }
    await handle.appendFile(text);
  } finally {
    progress.stop();
    await handle.close();
  }
  const { users, chats, messages } = sizes;
  console.log(`Wrote ${file}: ${users} users, ${chats} chats, ${messages} messages (--seed ${seed}).`);
}

const command = new Command('create_json')
  .description('Writes random, coherent data of the shape that `npm run populate` loads.')
  .argument('[file]', 'the file to write', 'fake_data.json')
  .option('--users <count>', 'people, at least 2', atLeast(2), 10)
  .option('--chats <count>', 'chats, at least 1; personal ones and groups take turns', atLeast(1), 10)
  .option('--messages <count>', 'messages', atLeast(0), 100)
  .option('--seed <number>', 'the same seed gives the same file', atLeast(0))
  .option('--force', 'overwrite a file that is there')
  .action(createJson);

await runCommand(() => command.parseAsync());
