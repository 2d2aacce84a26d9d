import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrayNames, type Dataset } from '../../scripts/support/dataset.ts';
import { RecordReader, type RawRecord } from '../../scripts/support/record-reader.ts';
import { fakeFile } from './files.ts';

const readInChunks = (bytes: Buffer, size: number): RawRecord[] => {
  const reader = new RecordReader();
  const records: RawRecord[] = [];
  for (let from = 0; from < bytes.length; from += size) records.push(...reader.push(bytes.subarray(from, from + size)));
  reader.end();
  return records;
};

const toDataset = (records: RawRecord[]): Record<string, unknown[]> => {
  const dataset: Record<string, unknown[]> = Object.fromEntries(arrayNames.map((name) => [name, []]));
  for (const { array, index, value } of records) {
    expect(index).toBe(dataset[array]?.length);
    dataset[array]?.push(value);
  }
  return dataset;
};

describe('reading a data file record by record', () => {
  it('gives what JSON.parse gives, wherever the chunks end', async () => {
    const bytes = await readFile(fakeFile);
    const whole = JSON.parse(bytes.toString()) as Dataset;
    for (const size of [1, 2, 3, 7, 64, 1_000, bytes.length])
      expect(toDataset(readInChunks(bytes, size))).toEqual(whole);
  });

  it('gives what JSON.parse gives for any values, indented or not', () => {
    const anyDataset = fc.record(
      Object.fromEntries(arrayNames.map((name) => [name, fc.array(fc.jsonValue(), { maxLength: 4 })])),
    );
    fc.assert(
      fc.property(anyDataset, fc.integer({ min: 1, max: 50 }), fc.constantFrom(0, 4), (dataset, size, indent) => {
        const text = JSON.stringify(dataset, null, indent);
        expect(toDataset(readInChunks(Buffer.from(text), size))).toEqual(JSON.parse(text));
      }),
      { numRuns: 100 },
    );
  });

  const empty = (name: string): string => `"${name}":[]`;
  const allBut = (name: string): string =>
    arrayNames
      .filter((other) => other !== name)
      .map(empty)
      .join();

  it.each([
    ['an empty file', '', 'the file: the file ends here'],
    ['an array', '[]', 'the file: not valid JSON of the expected shape'],
    ['a file cut off in a record', '{"users":[{"id":1},{"id"', 'users[1]: the file ends here'],
    ['a file cut off between records', '{"users":[{"id":1},', 'users[1]: the file ends here'],
    ['a record that is not JSON', `{"chats":[{},{id:1}],${allBut('chats')}}`, 'chats[1]: not valid JSON'],
    ['a comma too many', `{"chats":[{},],${allBut('chats')}}`, 'chats[1]: not valid JSON'],
    ['a comma too few', `{"chats":[{} {}],${allBut('chats')}}`, 'chats[1]: not valid JSON of the expected shape'],
    [
      'something after the end',
      `{${arrayNames.map(empty).join()}} {}`,
      'the file: not valid JSON of the expected shape',
    ],
    ['an array that is missing', `{${allBut('messages')}}`, 'messages: Field required'],
    ['an array that is there twice', '{"users":[],"users":[]}', 'users is there twice'],
    ['an unknown array', '{"people":[]}', 'there is an array or field besides users'],
    ['an array that is no array', '{"users":{}}', 'users[0]: not valid JSON of the expected shape'],
  ])('says where %s is wrong', (_what, text, message) => {
    expect(() => readInChunks(Buffer.from(text), 5)).toThrow(message);
  });

  it('refuses bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"users":[{"name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}]}')]);
    expect(() => readInChunks(bytes, 100)).toThrow('users[0]: not valid UTF-8');
  });

  it('refuses a record larger than a mebibyte instead of keeping it in memory', () => {
    const text = `{"users":[{"name":"${'x'.repeat(1024 * 1024)}`;
    expect(() => readInChunks(Buffer.from(text), 64 * 1024)).toThrow('users[0]: longer than 1048576 bytes');
  });
});
