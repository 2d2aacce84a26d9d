import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStateFile, StateInUse, toDefaultFolder, toStatePath } from '../../scripts/chat/state-file.ts';
import { makeFolder } from '../tools/files.ts';

const toOwner = (path: string) => ({
  folder: join(path, 'state'),
  url: 'http://localhost:8000',
  identifier: 'alice@example.com',
  device: 'chat',
});

describe('the state of a login', () => {
  it('is there at the next start, readable by its owner alone', async () => {
    await using folder = await makeFolder();
    const owner = toOwner(folder.path);
    {
      await using state = await openStateFile(owner);
      expect(state.isEmpty).toBe(true);
      await Promise.all(Array.from({ length: 20 }, (_, i) => state.storage.set(`key ${i}`, `value ${i}`)));
      await state.storage.delete('key 0');
      expect((await stat(state.path)).mode & 0o777).toBe(0o600);
      expect((await stat(owner.folder)).mode & 0o777).toBe(0o700);
    }
    await using again = await openStateFile(owner);
    expect(await again.storage.get('key 19')).toBe('value 19');
    expect(await again.storage.get('key 0')).toBeUndefined();
    await again.forget();
    expect(await readdir(owner.folder)).toEqual([expect.stringMatching(/\.lock$/)]);
  });

  it('is on the disk when `set` has resolved', async () => {
    await using folder = await makeFolder();
    await using state = await openStateFile(toOwner(folder.path));
    await state.storage.set('key', 'value');
    expect(JSON.parse(await readFile(state.path, 'utf8'))).toEqual({ key: 'value' });
  });

  it('lets one process in at a time, and forgets the lock of one that was killed', async () => {
    await using folder = await makeFolder();
    const owner = toOwner(folder.path);
    {
      await using first = await openStateFile(owner);
      await expect(openStateFile(owner)).rejects.toThrow(StateInUse);
      await using other = await openStateFile({ ...owner, device: 'other' });
      expect(other.path).not.toBe(first.path);
    }
    await writeFile(`${toStatePath(owner)}.lock`, '2147483646');
    await using next = await openStateFile(owner);
    expect(next.isEmpty).toBe(true);
  });

  it('that is broken is put aside', async () => {
    await using folder = await makeFolder();
    const owner = toOwner(folder.path);
    const path = toStatePath(owner);
    await (await openStateFile(owner))[Symbol.asyncDispose]();
    await writeFile(path, '{"half');
    await using state = await openStateFile(owner);
    expect(state.isEmpty).toBe(true);
    expect(await readFile(`${path}.broken`, 'utf8')).toBe('{"half');
  });

  it('stays in its folder, whatever somebody is called', () => {
    const owner = { ...toOwner('/x'), identifier: '../../etc/passwd', device: '../..' };
    expect(toStatePath(owner)).toMatch(/^\/x\/state\/[\w@.-]+$/);
    expect(toStatePath({ ...owner, identifier: 'x'.repeat(500) }).length).toBeLessThan(150);
    expect(toStatePath({ ...owner, identifier: ' Alice ' })).toBe(
      toStatePath({ ...owner, identifier: 'alice' }).replace('alice@', '_Alice_@'),
    );
  });

  it('is where the system keeps such things', () => {
    expect(toDefaultFolder({ XDG_STATE_HOME: '/state' })).toBe('/state/messenger');
    expect(toDefaultFolder({})).toMatch(/\/\.local\/state\/messenger$/);
  });
});
