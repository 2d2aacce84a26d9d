import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoints } from '../../src/protocol/api.ts';
import { describeHttp, listTemplates } from '../../src/protocol/describe.ts';
import { endpoint, everybody, loggedIn } from '../../src/protocol/endpoint.ts';
import { errorCatalogue } from '../../src/protocol/errors.ts';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const templates = listTemplates(endpoints);
const described = JSON.stringify(describeHttp());

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { description: string }>;
}

const operations = Object.entries(
  (JSON.parse(described) as { paths: Record<string, Record<string, Operation>> }).paths,
).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));

test('docs/openapi.json is what the contract says now (npm run docs:contract)', () => {
  expect(JSON.parse(read('openapi.json'))).toEqual(JSON.parse(described));
});

test('every endpoint is described once, under a name of its own', () => {
  const addresses = operations.map(({ method, path }) => `${method} ${path}`);

  expect(addresses.toSorted()).toEqual(endpoints.map(({ method }, i) => `${method} ${templates[i]}`).toSorted());
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test('every placeholder of a path is a described parameter', () => {
  for (const { path, parameters = [] } of operations) {
    const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
    expect(inPath.toSorted(), path).toEqual(placeholders.toSorted());
  }
});

test('every reference leads somewhere', () => {
  const { components } = JSON.parse(described) as { components: { schemas: Record<string, unknown> } };

  for (const [, name = ''] of described.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g))
    expect(components.schemas, name).toHaveProperty(name);
});

test('an endpoint for people who are logged in says 401, and one with input says 422', () => {
  for (const [i, { auth, params, query, body, method, path }] of endpoints.entries()) {
    const operation = operations.find((one) => one.method === method && one.path === templates[i]);
    const statuses = Object.keys(operation?.responses ?? {});
    if (auth === 'user') expect(statuses, path).toContain('401');
    if (params ?? query ?? body) expect(statuses, path).toContain('422');
  }
});

test('every refusal that an endpoint declares for a kind of caller is in the documents', () => {
  for (const [i, { whoMay, method, path }] of endpoints.entries()) {
    const operation = operations.find((one) => one.method === method && one.path === templates[i]);
    for (const [who, status] of Object.entries(whoMay) as [string, number][])
      expect(Object.keys(operation?.responses ?? {}), `${who} ${method} ${path}`).toContain(String(status));
  }
});

test('no error of the catalogue that an endpoint can answer is a 500 in the documents', () => {
  expect(operations.flatMap(({ responses }) => Object.keys(responses))).not.toContain('500');
  expect(errorCatalogue.internal.status).toBe(500);
});

test('an example in the documents is a valid request', () => {
  for (const { body, example, path } of endpoints) {
    if (body && example !== undefined) expect(body.safeParse(example).error?.issues ?? [], path).toEqual([]);
  }
});

interface Described {
  tags: { name: string }[];
  'x-tagGroups': { name: string; tags: string[] }[];
  paths: Record<string, Record<string, DescribedOperation>>;
}
interface DescribedOperation {
  requestBody?: { content: Record<string, { schema: Record<string, unknown>; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: { $ref?: string } }> }>;
}

const byForm = endpoint({
  method: 'post',
  path: '/toy/login',
  summary: 'A login of a source system',
  tag: 'direct',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['wrong_credentials', 'identifier_taken'],
  says: {
    wrong_credentials: { status: 400, detail: 'LOGIN_BAD_CREDENTIALS' },
    identifier_taken: { status: 400, detail: () => ({ reason: 'taken' }) },
  },
  body: z.object({ username: z.string() }),
  accepts: ['json', 'form'],
  answers: { 200: { description: 'Yes', schema: z.object({ ok: z.literal(true) }) } },
  example: { username: 'alice' },
});
const byFile = endpoint({
  method: 'put',
  path: '/toy/avatar',
  summary: 'A picture',
  tag: 'people',
  auth: 'user',
  whoMay: loggedIn(200),
  upload: { fields: ['avatar', 'file'], maxBytes: 1_000 },
  answers: { 200: { description: 'The picture', media: 'image/webp' } },
});
const toys = describeHttp([byForm, byFile]) as unknown as Described;

test('an endpoint that takes forms shows both ways to write its body', () => {
  const { content } = toys.paths['/toy/login']!['post']!.requestBody!;

  expect(Object.keys(content)).toEqual(['application/json', 'application/x-www-form-urlencoded']);
  expect(Object.values(content).map(({ example }) => example)).toEqual([{ username: 'alice' }, { username: 'alice' }]);
});

test('what an endpoint calls by other names stands under its own status, in its own words', () => {
  const { responses } = toys.paths['/toy/login']!['post']!;

  expect(Object.keys(responses)).not.toContain('401');
  expect(Object.keys(responses)).not.toContain('409');
  expect(responses['400']!.description).toContain('`wrong_credentials`: LOGIN_BAD_CREDENTIALS');
  expect(responses['400']!.content!['application/json']!.schema!.$ref).toBe('#/components/schemas/ErrorOfDialect');
  expect(responses['422']!.content!['application/json']!.schema!.$ref).toBe('#/components/schemas/Error');
});

test('an upload is a form with one file, under one of its names', () => {
  const { content } = toys.paths['/toy/avatar']!['put']!.requestBody!;

  expect(Object.keys(content)).toEqual(['multipart/form-data']);
  expect(content['multipart/form-data']!.schema).toMatchObject({
    properties: { avatar: { format: 'binary' }, file: { format: 'binary' } },
    oneOf: [{ required: ['avatar'] }, { required: ['file'] }],
  });
});

test('an answer that is no JSON says what it is', () => {
  expect(Object.keys(toys.paths['/toy/avatar']!['put']!.responses['200']!.content!)).toEqual(['image/webp']);
});

test('viewers show the dialects in a group of their own, and no empty heading', () => {
  expect(toys['x-tagGroups']).toEqual([
    { name: 'Messenger', tags: ['people'] },
    { name: 'Dialects of the source systems', tags: ['direct'] },
  ]);
  expect(toys.tags.map(({ name }) => name)).toEqual(['people', 'direct']);
});

test('addresses that differ in the name of a part are one path, and a slash at the end is none', () => {
  const params = z.object({ name: z.string() });
  const renamed = { ...byForm, path: '/toy/:id/:name/', params: params.extend({ id: z.string() }) };
  const named = { ...byFile, path: '/toy/:name/:other', params: params.extend({ other: z.string() }) };
  const { paths } = describeHttp([named, renamed]) as unknown as {
    paths: Record<string, Record<string, Operation>>;
  };

  expect(Object.keys(paths)).toEqual(['/toy/{name}/{other}']);
  for (const operation of Object.values(paths['/toy/{name}/{other}']!))
    expect(operation.parameters!.map(({ name }) => name).toSorted()).toEqual(['name', 'other']);
});

test('an endpoint that answers nobody but by an error says so', () => {
  const { paths } = describeHttp([{ ...byForm, answers: {} }]) as unknown as Described;

  expect(paths['/toy/login']!['post']!.responses['default']!.description).toBe('There is no other answer.');
});
