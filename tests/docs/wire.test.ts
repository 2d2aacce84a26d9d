import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import { listTemplates } from '../../src/protocol/describe.ts';
import { socketDescriptions } from '../../src/protocol/sockets.ts';
import { wireVersion } from '../../src/protocol/version.ts';
import { describeWire } from '../../src/protocol/wire.ts';

test('the wire changes only together with its version (npm run docs:contract)', () => {
  const noted: unknown = JSON.parse(readFileSync(new URL('../../docs/wire.json', import.meta.url), 'utf8'));

  expect({ version: wireVersion, sha256: createHash('sha256').update(describeWire()).digest('hex') }).toEqual(noted);
});

test('the wire has every endpoint and every frame of every dialect, and no words for people', () => {
  const wire = describeWire();
  const { http, sockets } = JSON.parse(wire) as {
    http: { paths: object };
    sockets: { channels: Record<string, { address: string; messages: object }> };
  };

  expect(Object.keys(http.paths)).toHaveLength(new Set(listTemplates(endpoints)).size);
  for (const { name, address, clientFrames, serverFrames } of socketDescriptions) {
    const frames = [...Object.keys(clientFrames), ...Object.keys(serverFrames)];
    expect(sockets.channels[name]).toMatchObject({ address });
    expect(Object.keys(sockets.channels[name]!.messages)).toHaveLength(frames.length);
  }
  for (const { summary } of endpoints) expect(wire).not.toContain(JSON.stringify(summary));
});
