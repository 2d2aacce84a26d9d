/** The contract as OpenAPI 3.1, made of the same schemas that check every request. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { endpoints } from './api.ts';
import type { Endpoint, Upload } from './endpoint.ts';
import { errorCatalogue, type ErrorCode } from './errors.ts';
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

const failure = {
  code: z.enum(codes).meta({ description: 'What a program acts on.' }),
  message: z.string().meta({ description: 'The text for people; it may change.' }),
  retry: z.enum(['never', 'same', 'new']).meta({
    description:
      '`never`: it will fail again. `same`: send the very same request later. `new`: correct it or log in, then send it as a new one.',
  }),
};

const errorBody = z
  .object({
    detail: z
      .union([z.string(), z.array(mistake)])
      .meta({ description: 'Every mistake of an invalid request, else the text.' }),
    ...failure,
  })
  .meta({ id: 'Error' });

const errorOfDialect = z
  .object({
    detail: z
      .union([z.string(), z.array(mistake), z.looseObject({})])
      .meta({ description: 'What clients of the source system look for; the other keys are those of every error.' }),
    ...failure,
  })
  .meta({ id: 'ErrorOfDialect' });

const always: ErrorCode[] = ['rate_limited', 'overloaded', 'unavailable', 'draining'];
const ofBodies: ErrorCode[] = ['malformed_json', 'too_deep', 'too_large'];
const ofUploads: ErrorCode[] = ['invalid_request', 'too_large'];
const ofCallers: ErrorCode[] = ['not_authenticated', 'session_revoked', 'csrf'];

/** The errors an endpoint may answer: its own, and those of what stands before every endpoint of its kind. */
export function listErrorCodes({ tag, auth, params, query, body, upload, errors }: Endpoint): ErrorCode[] {
  const listed = new Set<ErrorCode>([
    // Also of those that take no body at all: they refuse one of another kind.
    'unsupported_media_type',
    ...(tag === 'operations' ? [] : always),
    ...((params ?? query ?? body) ? (['invalid_request'] as const) : []),
    ...(body ? ofBodies : []),
    ...(upload ? ofUploads : []),
    ...(auth === 'user' ? ofCallers : []),
    ...(errors ?? []),
  ]);
  return codes.filter((code) => listed.has(code));
}

/**
 * The addresses as OpenAPI writes them: `/chats/:chatId` is `/chats/{chatId}`, and a slash at the end means nothing. There
 * one place has one name; where two dialects name it otherwise, the first one's counts.
 */
export function listTemplates(described: readonly Endpoint[]): string[] {
  const first = new Map<string, string>();
  return described.map(({ path }) => {
    const template = path.replace(/(?<=.)\/$/, '').replace(/:(\w+)/g, '{$1}');
    const form = template.replace(/\{\w+\}/g, '{}');
    if (!first.has(form)) first.set(form, template);
    return first.get(form)!;
  });
}

/** The parameters under the names that they have in the template. */
function toParams({ path, params }: Endpoint, template: string): z.ZodObject | undefined {
  if (!params) return undefined;
  const own = [...path.matchAll(/:(\w+)/g)];
  const shown = [...template.matchAll(/\{(\w+)\}/g)];
  return z.object(Object.fromEntries(own.map(([, name], i) => [shown[i]![1]!, params.shape[name!] as z.ZodType])));
}

/** A stable name for generated clients: `getApiV1ChatsByChatId`. */
const toOperationId = ({ method, path }: Endpoint): string =>
  method +
  path
    .split(/[/_.-]/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith(':') ? `By${capital(part.slice(1))}` : capital(part)))
    .join('');

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

type Content = Extract<RouteConfig['responses'][string], { content?: unknown }>['content'] & {};

const json = 'application/json';

/** One status may stand for several errors, and for an answer that is none. */
function groupErrors(endpoint: Endpoint): Map<number, ErrorCode[]> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of listErrorCodes(endpoint)) {
    const status = endpoint.says?.[code]?.status ?? errorCatalogue[code].status;
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return byStatus;
}

const toErrorText = ({ says }: Endpoint, code: ErrorCode): string => {
  const detail = says?.[code]?.detail;
  return `\`${code}\`: ${typeof detail === 'string' ? detail : errorCatalogue[code].text}`;
};

function toAnswers(endpoint: Endpoint): RouteConfig['responses'] {
  const answers: RouteConfig['responses'] = {};
  for (const [status, { description, schema, media }] of Object.entries(endpoint.answers)) {
    const content = toContent(schema, media);
    answers[status] = { description, ...(content && { content }) };
  }
  for (const [status, its] of groupErrors(endpoint)) {
    const speaksOtherwise = its.some((code) => typeof endpoint.says?.[code]?.detail === 'function');
    const body = speaksOtherwise ? errorOfDialect : errorBody;
    const own = endpoint.answers[status];
    answers[status] = {
      description: [...(own ? [own.description] : []), ...its.map((code) => toErrorText(endpoint, code))].join('\n\n'),
      content: {
        ...(own?.media !== undefined && toContent(own.schema, own.media)),
        [json]: { schema: own?.schema && !own.media ? z.union([own.schema, body]) : body },
      },
    };
  }
  // Of what is there for nobody, only that clients of a source system know it.
  if (Object.keys(endpoint.answers).length === 0) answers['default'] = { description: 'There is no other answer.' };
  return answers;
}

function toContent(schema: z.ZodType | undefined, media = json): Content | undefined {
  if (schema) return { [media]: { schema } };
  if (media === json) return undefined;
  return { [media]: { schema: media.startsWith('text/') ? { type: 'string' } : binary } };
}

const binary = { type: 'string', format: 'binary' } as const;

const mediaOf = { json, form: 'application/x-www-form-urlencoded' } as const;

function toRequestBody({ body, example, accepts = ['json'], upload }: Endpoint): { content: Content } | undefined {
  if (upload) return { content: { 'multipart/form-data': { schema: toForm(upload) } } };
  if (!body) return undefined;
  const media = { schema: body, ...(example !== undefined && { example }) };
  return { content: Object.fromEntries(accepts.map((kind) => [mediaOf[kind], media])) };
}

/** A form with one file, under any one of its names. */
const toForm = ({ fields, maxBytes }: Upload) => ({
  type: 'object' as const,
  properties: Object.fromEntries(fields.map((name) => [name, binary])),
  ...(fields.length === 1 ? { required: [...fields] } : { oneOf: fields.map((name) => ({ required: [name] })) }),
  description: `One file of at most ${maxBytes} bytes`,
});

function toRoute(endpoint: Endpoint, template: string): RouteConfig {
  const { method, summary, description, tag, auth, query } = endpoint;
  const params = toParams(endpoint, template);
  const body = toRequestBody(endpoint);
  return {
    method,
    path: template,
    operationId: toOperationId(endpoint),
    summary,
    ...(description !== undefined && { description }),
    tags: [tag],
    security: auth === 'user' ? [{ bearer: [] }, { cookie: [] }] : [],
    request: { ...(params && { params }), ...(query && { query }), ...(body && { body: { required: true, ...body } }) },
    responses: toAnswers(endpoint),
  };
}

const tags: Record<Endpoint['tag'], { description: string; group: string }> = {
  accounts: { group: 'Messenger', description: 'Registering, logging in, sessions.' },
  people: { group: 'Messenger', description: 'Profiles, avatars, search, blocking.' },
  chats: { group: 'Messenger', description: 'Chats and their members.' },
  messages: { group: 'Messenger', description: 'Sending and history.' },
  operations: { group: 'Messenger', description: 'For those who run the server.' },
  direct: { group: 'Dialects of the source systems', description: 'Messages between two people, by phone number.' },
  lobby: { group: 'Dialects of the source systems', description: 'One public lobby and private messages.' },
  actions: {
    group: 'Dialects of the source systems',
    description: 'Chats and groups; socket frames with an `action`.',
  },
  rooms: { group: 'Dialects of the source systems', description: 'One socket for each chat.' },
};

/** Those that something stands under, and the groups that viewers show them in. */
function toTags(described: readonly Endpoint[]) {
  const used = Object.entries(tags).filter(([name]) => described.some(({ tag }) => tag === name));
  const groups = [...new Set(used.map(([, { group }]) => group))];
  return {
    tags: used.map(([name, { description }]) => ({ name, description })),
    'x-tagGroups': groups.map((name) => ({
      name,
      tags: used.filter(([, { group }]) => group === name).map(([tag]) => tag),
    })),
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
  const templates = listTemplates(described);
  for (const [i, endpoint] of described.entries()) registry.registerPath(toRoute(endpoint, templates[i]!));
  return new OpenApiGeneratorV31(registry.definitions, { sortComponents: 'alphabetically' }).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Messenger',
      version: wireVersion,
      description:
        'Accounts, people, chats and history over HTTP; live messages come over WebSockets, see `/asyncapi`. Errors carry a `code` from one catalogue and say whether to retry.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    ...toTags(described),
  });
}
