import { readFileSync } from 'node:fs';
import { Parser } from '@asyncapi/parser';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeSockets } from '../../src/protocol/describe-sockets.ts';
import type { SocketDescription } from '../../src/protocol/socket.ts';
import { socketDescriptions } from '../../src/protocol/sockets.ts';

const diagnose = async (document: unknown): Promise<string[]> => {
  const diagnostics = await new Parser().validate(JSON.stringify(document));
  return diagnostics.map(({ code, message, path }) => `${code}: ${message} (${path.join('.')})`);
};

/** Everything that a description can say. */
const lines: SocketDescription = {
  name: 'lines',
  title: 'Lines',
  description: 'Lines of text.',
  address: '/toy/{chatId}/{token}',
  parameters: { chatId: 'Which chat', token: 'Who speaks' },
  query: z.object({ since: z.string().optional() }),
  subprotocol: 'lines.v1',
  contentType: 'text/plain',
  clientFrames: {
    line: { schema: z.string().min(1), summary: 'A line to everybody.', example: 'Hello' },
  },
  serverFrames: {
    line: { schema: z.string(), summary: 'What somebody said.', example: 'alice: Hello' },
    row: { schema: z.object({ text: z.string() }).meta({ id: 'ToyRow' }), summary: 'A row.', example: { text: 'x' } },
  },
};

test('docs/asyncapi.json is what the contract says now (npm run docs:contract)', () => {
  const written: unknown = JSON.parse(readFileSync(new URL('../../docs/asyncapi.json', import.meta.url), 'utf8'));

  expect(written).toEqual(JSON.parse(JSON.stringify(describeSockets())));
});

test('the parser has nothing to say about the AsyncAPI document, not even a hint', async () => {
  expect(await diagnose(describeSockets())).toEqual([]);
});

test('nor about a dialect of text with parameters, a query and a named schema', async () => {
  const document = describeSockets([lines]);

  expect(await diagnose(document)).toEqual([]);
  expect(document).toMatchObject({
    channels: {
      lines: {
        address: '/toy/{chatId}/{token}',
        parameters: { chatId: { description: 'Which chat' }, token: { description: 'Who speaks' } },
        bindings: {
          ws: {
            query: { properties: { since: { type: 'string' } } },
            headers: { properties: { 'Sec-WebSocket-Protocol': { const: 'lines.v1' } } },
          },
        },
        messages: {
          'client-line': { contentType: 'text/plain', payload: { type: 'string' }, examples: [{ payload: 'Hello' }] },
          'server-row': { payload: { $ref: '#/components/schemas/ToyRow' } },
        },
      },
    },
    components: { schemas: { ToyRow: { properties: { text: { type: 'string' } } } } },
    operations: { 'lines-client': { action: 'receive' }, 'lines-server': { action: 'send' } },
  });
});

test('the parser would say it if something were wrong', async () => {
  expect(await diagnose({ ...describeSockets([lines]), servers: {} })).toContainEqual(
    expect.stringContaining('channels.lines.servers'),
  );
});

test('every dialect has a name and an address of its own', () => {
  const names = socketDescriptions.map(({ name }) => name);
  const addresses = socketDescriptions.map(({ address, query, subprotocol }) =>
    [address, subprotocol, ...Object.keys(query?.shape ?? {})].join(),
  );

  expect(new Set(names).size).toBe(names.length);
  expect(new Set(addresses).size).toBe(addresses.length);
});

test('every part of an address in braces is explained, and nothing else', () => {
  for (const { name, address, parameters = {} } of socketDescriptions)
    expect(Object.keys(parameters), name).toEqual([...address.matchAll(/\{(\w+)\}/g)].map(([, part]) => part));
});

test.each(
  socketDescriptions.flatMap(({ name, clientFrames, serverFrames }) => [
    ...Object.entries(clientFrames).map(([frame, description]) => [`${name}, client: ${frame}`, description] as const),
    ...Object.entries(serverFrames).map(([frame, description]) => [`${name}, server: ${frame}`, description] as const),
  ]),
)('the example of a frame is one: %s', (_name, { schema, example, summary }) => {
  expect(schema.safeParse(example).error?.issues).toBeUndefined();
  expect(summary).toMatch(/\.$/);
});

interface Channels {
  channels: Record<string, { messages: Record<string, { payload: object; examples: { payload: unknown }[] }> }>;
  components: object;
}

test('every example in the document is what the document says of its frame', () => {
  const ajv = new Ajv({ strict: false });
  addFormats.default(ajv);
  const { channels, components } = describeSockets() as unknown as Channels;
  for (const { messages } of Object.values(channels))
    for (const [name, { payload, examples }] of Object.entries(messages)) {
      const validate = ajv.compile({ ...payload, components });
      expect([name, validate(examples[0]!.payload), validate.errors]).toEqual([name, true, null]);
    }
});
