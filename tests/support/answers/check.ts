/**
 * Compares an HTTP answer with the OpenAPI document. Clients are told that objects may get new keys; a server that sends
 * one which the document does not know yet is a mistake here all the same.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { endpoints } from '../../../src/protocol/api.ts';
import { describeHttp, listTemplates } from '../../../src/protocol/describe.ts';
import { errorCatalogue } from '../../../src/protocol/errors.ts';

export interface Answer {
  method: string;
  /** The pattern of the route that answered, as Express has it; undefined when none did. */
  route: string | undefined;
  status: number;
  /** The content-type header. */
  type: string | undefined;
  /** As the client has it after decoding. */
  body: Buffer;
}

type Schema = { [key: string]: unknown; $ref?: string };
type Content = Record<string, { schema?: Schema }>;
type Responses = Record<string, { content?: Content }>;
interface Document {
  paths: Record<string, Record<string, { responses: Responses }>>;
  components: { schemas: Record<string, Schema> };
}

const idOf = (method: string, path: string): string => `${method.toLowerCase()} ${path}`;

/** Made when the first answer comes, not in every test file. */
let loaded: { responses: Map<string, Responses>; schemas: Document['components']['schemas'] } | undefined;

function load(): NonNullable<typeof loaded> {
  if (loaded) return loaded;
  const document = describeHttp() as unknown as Document;
  const templates = listTemplates(endpoints);
  const responses = endpoints.map(({ method, path }, i): [string, Responses] => [
    idOf(method, path),
    document.paths[templates[i]!]![method]!.responses,
  ]);
  return (loaded = { responses: new Map(responses), schemas: document.components.schemas });
}

/** Whether the contract has an endpoint there. */
export const isEndpoint = (method: string, route: string): boolean => load().responses.has(idOf(method, route));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);

/** The schema with what it refers to in its place, and with every object closed that is not said to be open. */
function toStrict(schema: Schema, isPart = false): Schema {
  if (schema.$ref !== undefined) return toStrict(load().schemas[schema.$ref.split('/').at(-1)!]!, isPart);
  const strict: Schema = { ...schema };
  for (const key of ['anyOf', 'oneOf', 'allOf']) {
    const options = schema[key] as Schema[] | undefined;
    if (options) strict[key] = options.map((option) => toStrict(option, isPart || key === 'allOf'));
  }
  const properties = schema['properties'] as Record<string, Schema> | undefined;
  if (properties)
    strict['properties'] = Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, toStrict(value)] as const),
    );
  for (const key of ['items', 'additionalProperties'])
    if (typeof schema[key] === 'object') strict[key] = toStrict(schema[key] as Schema);
  const isClosed = (properties ?? schema['allOf']) && !isPart && schema['additionalProperties'] === undefined;
  return isClosed ? { ...strict, unevaluatedProperties: false } : strict;
}

const compiled = new Map<Schema, ValidateFunction>();

function findSchemaMistake(schema: Schema, body: Buffer): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return 'the body is not JSON';
  }
  const validate = compiled.get(schema) ?? ajv.compile(toStrict(schema));
  compiled.set(schema, validate);
  if (validate(value)) return undefined;
  return (validate.errors ?? [])
    .slice(0, 5)
    .map(
      ({ instancePath, message = '', params }) => `${instancePath || 'the body'} ${message} ${JSON.stringify(params)}`,
    )
    .join('; ');
}

/** What is refused before any endpoint is known, or where there is none, still is an error of the catalogue. */
function findRefusalMistake({ status, body }: Answer): string | undefined {
  const mistake = findSchemaMistake(load().schemas['Error']!, body);
  if (mistake !== undefined) return mistake;
  const { code } = JSON.parse(body.toString('utf8')) as { code: keyof typeof errorCatalogue };
  return errorCatalogue[code].status === status ? undefined : `${code} is not answered as ${status}`;
}

function findContentMistake(content: Content | undefined, { type, body, method }: Answer): string | undefined {
  if (!content) return body.length === 0 ? undefined : 'there is a body, and none is documented';
  const media = type?.split(';')[0]?.trim() ?? '';
  const described = content[media];
  if (!described) return `${media || 'no content-type'} is documented as ${Object.keys(content).join(' or ')}`;
  if (method === 'HEAD') return undefined;
  if (media !== 'application/json') return body.length === 0 ? 'there is no body' : undefined;
  return described.schema && findSchemaMistake(described.schema, body);
}

/** What the answer has that the document does not say, or undefined when they agree. */
export function findAnswerMistake(answer: Answer): string | undefined {
  const { method, route, status } = answer;
  const isUnknown = route === undefined || status === 405;
  const mistake = isUnknown ? method !== 'HEAD' && findRefusalMistake(answer) : findEndpointMistake(route, answer);
  return mistake ? `${method} ${route ?? '(no route)'} answered ${status}: ${mistake}` : undefined;
}

function findEndpointMistake(route: string, answer: Answer): string | undefined {
  const responses = load().responses.get(idOf(answer.method === 'HEAD' ? 'get' : answer.method, route));
  if (!responses) return 'this route is no endpoint of the contract';
  const response = responses[answer.status];
  if (!response) return `the status is not documented, which are ${Object.keys(responses).join(', ')}`;
  return findContentMistake(response.content, answer);
}
