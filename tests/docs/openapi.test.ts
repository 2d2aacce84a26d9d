import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { endpoints } from '../../src/protocol/api.ts';
import { describeHttp, describeWire } from '../../src/protocol/describe.ts';
import { errorCatalogue } from '../../src/protocol/errors.ts';
import { wireVersion } from '../../src/protocol/version.ts';

const read = (name: string): string => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const described = JSON.stringify(describeHttp());

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, { description: string }>;
}

const operations = Object.entries(
  (JSON.parse(described) as { paths: Record<string, Record<string, Operation>> }).paths,
).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })));

test('docs/openapi.json is what the contract says now (npm run docs:openapi)', () => {
  expect(JSON.parse(read('openapi.json'))).toEqual(JSON.parse(described));
});

test('every endpoint is described once, under a name of its own', () => {
  const addresses = operations.map(({ method, path }) => `${method} ${path}`);

  expect(addresses.toSorted()).toEqual(
    endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`).toSorted(),
  );
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
  for (const { auth, params, query, body, method, path } of endpoints) {
    const operation = operations.find(
      (one) => one.method === method && one.path === path.replaceAll(/:(\w+)/g, '{$1}'),
    );
    const statuses = Object.keys(operation?.responses ?? {});
    if (auth === 'user') expect(statuses, path).toContain('401');
    if (params ?? query ?? body) expect(statuses, path).toContain('422');
  }
});

test('every refusal that an endpoint declares for a kind of caller is in the documents', () => {
  for (const { whoMay, method, path } of endpoints) {
    const operation = operations.find(
      (one) => one.method === method && one.path === path.replaceAll(/:(\w+)/g, '{$1}'),
    );
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

test('the wire changes only together with its version (npm run docs:openapi)', () => {
  const { version, sha256 } = JSON.parse(read('wire.json')) as { version: string; sha256: string };

  expect({ version: wireVersion, sha256: createHash('sha256').update(describeWire()).digest('hex') }).toEqual({
    version,
    sha256,
  });
});
