/** The sockets as AsyncAPI 3, made of the same schemas that check every frame. */
import { z } from 'zod';
import { socketDescriptions } from './sockets.ts';
import type { FrameDescription, SocketDescription } from './socket.ts';
import { wireVersion } from './version.ts';

type Json = Record<string, unknown>;

/**
 * A schema as it stands on the wire. AsyncAPI's own schemas are JSON Schema draft 7. What has a name of its own would be
 * kept beside the schema, where a reference from inside a document does not lead, so it is taken out of `named`.
 */
function toSchema(schema: z.ZodType, named: Json): Json {
  const {
    $schema: _,
    definitions = {},
    ...rest
  } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  }) as Json & { definitions?: Json };
  for (const [name, definition] of Object.entries(definitions)) named[name] = pointToComponents(definition);
  return pointToComponents(rest) as Json;
}

const pointToComponents = (part: unknown): unknown =>
  JSON.parse(JSON.stringify(part).replaceAll('"#/definitions/', '"#/components/schemas/')) as unknown;

interface Side {
  key: 'client' | 'server';
  frames: Record<string, FrameDescription>;
}

const sidesOf = ({ clientFrames, serverFrames }: SocketDescription): Side[] => [
  { key: 'client', frames: clientFrames },
  { key: 'server', frames: serverFrames },
];

/** Both sides may call a frame by one name. */
const toKey = ({ key }: Side, name: string): string => `${key}-${name}`;

/** What the handshake has to carry besides its address. */
const toHandshake = ({ query, subprotocol }: SocketDescription, named: Json): Json | undefined =>
  (query ?? subprotocol)
    ? {
        method: 'GET',
        ...(query && { query: toSchema(query, named) }),
        ...(subprotocol && {
          headers: {
            type: 'object',
            properties: { 'Sec-WebSocket-Protocol': { type: 'string', const: subprotocol } },
            required: ['Sec-WebSocket-Protocol'],
          },
        }),
        bindingVersion: '0.1.0',
      }
    : undefined;

function toChannel(socket: SocketDescription, named: Json): Json {
  const { name, title, description, address, parameters, contentType = 'application/json' } = socket;
  const handshake = toHandshake(socket, named);
  const messages = sidesOf(socket).flatMap((side) =>
    Object.entries(side.frames).map(([frame, { schema, summary, example }]): [string, Json] => [
      toKey(side, frame),
      {
        name: frame,
        title: frame,
        description: summary,
        contentType,
        payload: toSchema(schema, named),
        examples: [{ name: `${name}-${frame}`, payload: example }],
      },
    ]),
  );
  return {
    address,
    title,
    description,
    servers: [{ $ref: '#/servers/this' }],
    ...(parameters && {
      parameters: Object.fromEntries(Object.entries(parameters).map(([key, text]) => [key, { description: text }])),
    }),
    messages: Object.fromEntries(messages),
    ...(handshake && { bindings: { ws: handshake } }),
  };
}

/** What the server does: it receives what clients say, and sends the rest. */
const toOperations = (socket: SocketDescription): [string, Json][] =>
  sidesOf(socket)
    .filter(({ frames }) => Object.keys(frames).length > 0)
    .map((side) => [
      `${socket.name}-${side.key}`,
      {
        action: side.key === 'client' ? 'receive' : 'send',
        channel: { $ref: `#/channels/${socket.name}` },
        summary: `${socket.title}: what a ${side.key} says`,
        messages: Object.keys(side.frames).map((frame) => ({
          $ref: `#/channels/${socket.name}/messages/${toKey(side, frame)}`,
        })),
      },
    ]);

/** The AsyncAPI document of `described`, by default of every dialect. */
export function describeSockets(described: readonly SocketDescription[] = socketDescriptions): Json {
  const named: Json = {};
  const channels = Object.fromEntries(described.map((socket) => [socket.name, toChannel(socket, named)]));
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Messenger',
      version: wireVersion,
      description:
        'Live messages over WebSockets. The address of the handshake decides how a socket speaks; who speaks one way reaches those who speak another.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    defaultContentType: 'application/json',
    servers: { this: { host: 'localhost:8000', protocol: 'ws', description: 'This server; `wss` where TLS is.' } },
    channels,
    operations: Object.fromEntries(described.flatMap(toOperations)),
    components: { schemas: named },
  };
}
