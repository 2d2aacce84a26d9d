/** The contract as OpenAPI 3.1, made of the same schemas that check every request. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { endpoints } from './api.ts';
import type { Endpoint } from './endpoint.ts';
import { errorCatalogue, type ErrorCode } from './errors.ts';
import { plainClientFrames, plainServerFrames } from './plain.ts';
import { wireVersion } from './version.ts';

export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

const codes = Object.keys(errorCatalogue) as ErrorCode[];

const mistake = z
  .object({
    type: z.string().meta({ description: 'What kind of mistake, for programs.' }),
    loc: z
      .array(z.union([z.string(), z.number()]))
      .meta({ description: 'Where: `path`, `query` or `body`, then the keys.' }),
    msg: z.string().meta({ description: 'What is wrong, for people.' }),
  })
  .meta({ id: 'Mistake' });

const errorBody = z
  .object({
    detail: z
      .union([z.string(), z.array(mistake)])
      .meta({ description: 'Every mistake of an invalid request, else the text.' }),
    code: z.enum(codes).meta({ description: 'What a program acts on.' }),
    message: z.string().meta({ description: 'The text for people; it may change.' }),
    retry: z.enum(['never', 'same', 'new']).meta({
      description:
        '`never`: it will fail again. `same`: send the very same request later. `new`: correct it or log in, then send it as a new one.',
    }),
  })
  .meta({ id: 'Error' });

const always: ErrorCode[] = ['rate_limited', 'overloaded', 'unavailable', 'draining'];
const ofBodies: ErrorCode[] = ['malformed_json', 'too_deep', 'too_large', 'unsupported_media_type'];
const ofCallers: ErrorCode[] = ['not_authenticated', 'session_revoked'];

/** The errors an endpoint may answer: its own, and those of what stands before every endpoint of its kind. */
export function listErrorCodes({ tag, method, auth, params, query, body, errors }: Endpoint): ErrorCode[] {
  const listed = new Set<ErrorCode>([
    ...(tag === 'operations' ? [] : always),
    ...((params ?? query ?? body) ? (['invalid_request'] as const) : []),
    ...(body ? ofBodies : []),
    ...(auth === 'user' ? ofCallers : []),
    ...(auth === 'user' && method !== 'get' ? (['csrf'] as const) : []),
    ...(errors ?? []),
  ]);
  return codes.filter((code) => listed.has(code));
}

/** `/chats/:chatId` as OpenAPI writes it: `/chats/{chatId}`. */
const toTemplate = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

/** A stable name for generated clients: `getApiV1ChatsByChatId`. */
const toOperationId = ({ method, path }: Endpoint): string =>
  method +
  path
    .split(/[/_.-]/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `By${capital(part.slice(1))}` : capital(part)))
    .join('');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function toErrorAnswers(endpoint: Endpoint): RouteConfig['responses'] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of listErrorCodes(endpoint)) {
    const { status } = errorCatalogue[code];
    if (status in endpoint.answers) continue;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, its]) => [
      status,
      {
        description: its.map((code) => `\`${code}\`: ${errorCatalogue[code].text}`).join('\n\n'),
        content: { 'application/json': { schema: errorBody } },
      },
    ]),
  );
}

function toAnswers(endpoint: Endpoint): RouteConfig['responses'] {
  const answers: RouteConfig['responses'] = {};
  for (const [status, { description, schema }] of Object.entries(endpoint.answers)) {
    answers[status] = schema ? { description, content: { 'application/json': { schema } } } : { description };
  }
  return answers;
}

function toRoute(endpoint: Endpoint): RouteConfig {
  const { method, path, summary, description, tag, auth, params, query, body, example } = endpoint;
  const media = body && { schema: body, ...(example !== undefined && { example }) };
  return {
    method,
    path: toTemplate(path),
    operationId: toOperationId(endpoint),
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    security: auth === 'user' ? [{ bearer: [] }, { cookie: [] }] : [],
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(media && { body: { required: true, content: { 'application/json': media } } }),
    },
    responses: { ...toAnswers(endpoint), ...toErrorAnswers(endpoint) },
  };
}

/** The OpenAPI document of `described`, by default of the whole interface. */
export function describeHttp(described: readonly Endpoint[] = endpoints): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token that logging in answers.',
  });
  registry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: 'messenger_access',
    description:
      'Set by logging in with `"cookie": true`; named `__Host-messenger_access` where TLS is. Unsafe methods must come from the page of this server.',
  });
  for (const endpoint of described) registry.registerPath(toRoute(endpoint));
  return new OpenApiGeneratorV31(registry.definitions, { sortComponents: 'alphabetically' }).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Messenger',
      version: wireVersion,
      description:
        'Accounts, chats and history over HTTP; live messages over the WebSocket at `/ws`. Errors carry a `code` from one catalogue and say whether to retry.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    tags: [
      { name: 'accounts', description: 'Registering, logging in, sessions.' },
      { name: 'chats', description: 'Chats and their members.' },
      { name: 'messages', description: 'Sending and history.' },
      { name: 'operations', description: 'For those who run the server.' },
    ],
  });
}

const wordsForPeople = new Set(['description', 'summary', 'example', 'examples', 'title', 'info', 'tags']);

/**
 * Everything a client depends on, HTTP and frames, as text without the words for people. Two builds that say the same here
 * understand each other.
 */
export function describeWire(): string {
  const toShapes = (frames: Record<string, z.ZodType>): unknown =>
    Object.fromEntries(
      Object.entries(frames).map(([name, schema]) => [
        name,
        z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }),
      ]),
    );
  const wire = { http: describeHttp(), plain: [toShapes(plainClientFrames), toShapes(plainServerFrames)] };
  return JSON.stringify(wire, (key, value: unknown) =>
    wordsForPeople.has(key) && !isSchema(value) ? undefined : value,
  );
}

/** A property that happens to be called `title` is part of the wire; its value is a schema, not words. */
const isSchema = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && ('type' in value || '$ref' in value);
