import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { listVariables, readConfig, toExampleEnv } from '../../src/server/config.ts';
import { top } from '../support/programs.ts';
import { expectRefusal, makeFolder, runServer } from './server-process.ts';

describe('the configuration', () => {
  it('is explained by example.env, whose values are the defaults', () => {
    const text = readFileSync(join(top, 'example.env'), 'utf8');
    expect(text).toBe(toExampleEnv());
    expect(readConfig(parseEnv(text))).toEqual(readConfig({}));
  });

  it('is explained by --help', async () => {
    const command = runServer({ args: ['--help'] });
    expect(await command.ended).toBe(0);
    for (const { name } of listVariables()) expect(command.output()).toContain(name);
  });

  it('is refused with every mistake at once, what to write instead, and no secret', async () => {
    const env = {
      PORT: '70000',
      DATABASE_URL: 'mysql://hunter2',
      JWT_SECRET: 'too short',
      REGISTRATION: 'perhaps',
      PUBLIC_URL: 'chat.example.org',
      TRUST_PROXY: 'true',
      BCRYPT_COST: '99',
      CORS_ORIGINS: '*',
    };
    const output = await expectRefusal({ env });
    expect(output).toContain('The configuration has 8 mistakes');
    for (const name of Object.keys(env)) expect(output).toMatch(new RegExp(`^  ${name} is .*; write .*\\.$`, 'm'));
    expect(output).toContain('REGISTRATION is "perhaps"; write open or invite or closed.');
    expect(output).not.toContain('hunter2');
    expect(output).not.toContain('too short');
  });

  it('is read from .env, where a variable of the shell wins', async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, '.env'), 'PORT=wrong\nREGISTRATION=wrong\n');
    const output = await expectRefusal({ cwd, env: { PORT: '0' } });
    expect(output).toContain('REGISTRATION is "wrong"');
    expect(output).not.toContain('PORT');
  });

  it('is refused when .env cannot be read', async () => {
    const cwd = makeFolder();
    mkdirSync(join(cwd, '.env'));
    expect(await expectRefusal({ cwd })).toContain('The file .env cannot be read: EISDIR');
  });

  it('opens histories to everybody on loopback only, or when the operator vouches for the container', () => {
    const read = (host: string, historyPublic: string) =>
      readConfig({ HOST: host, HISTORY_PUBLIC: historyPublic }).historyPublic;
    expect(read('127.0.0.1', 'true')).toBe('on');
    expect(read('::1', 'true')).toBe('on');
    expect(read('0.0.0.0', 'false')).toBe('off');
    expect(read('0.0.0.0', 'published')).toBe('published');
    expect(() => read('0.0.0.0', 'true')).toThrow(/everybody on the network could read every chat/);
    expect(() => read('127.evil.example', 'true')).toThrow(/everybody on the network/);
  });

  it('trusts nobody, a number of proxies, or addresses', () => {
    const read = (text: string) => readConfig({ TRUST_PROXY: text }).trustProxy;
    expect(read('')).toBe(false);
    expect(read('2')).toBe(2);
    expect(read('loopback,10.0.0.0/8')).toBe('loopback, 10.0.0.0/8');
    for (const wrong of ['true', '10.0.0.0/33', 'proxy.example', ',']) expect(() => read(wrong)).toThrow(/TRUST_PROXY/);
  });

  it('keeps pictures in a folder, or in a bucket whose keys come in pairs', () => {
    expect(readConfig({})).not.toHaveProperty('s3Bucket');
    const place = { S3_BUCKET: 'pictures', S3_ENDPOINT: 'http://127.0.0.1:9000/', S3_PREFIX: 'messenger/' };
    expect(readConfig(place)).toMatchObject({ s3Bucket: 'pictures', s3Endpoint: 'http://127.0.0.1:9000' });
    for (const half of [{ S3_ACCESS_KEY_ID: 'id' }, { S3_SECRET_ACCESS_KEY: 'hunter2' }])
      expect(() => readConfig({ ...place, ...half })).toThrow(/belong together/);
    for (const wrong of ['/absolute', 'a b', '?']) expect(() => readConfig({ S3_PREFIX: wrong })).toThrow(/S3_PREFIX/);
  });

  it('takes origins without a slash at the end and with nothing behind them', () => {
    expect(readConfig({ PUBLIC_URL: 'https://chat.example.org/' }).publicUrl).toBe('https://chat.example.org');
    expect(readConfig({ CORS_ORIGINS: 'https://a.example, http://b.example:81' }).corsOrigins).toEqual([
      'https://a.example',
      'http://b.example:81',
    ]);
    for (const wrong of ['https://chat.example.org/path', 'ftp://chat.example.org', 'https://me@chat.example.org']) {
      expect(() => readConfig({ PUBLIC_URL: wrong })).toThrow(/PUBLIC_URL/);
    }
  });
});
