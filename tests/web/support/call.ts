import type { Actor } from '../../support/cast.ts';
import type { Web } from './web.ts';

/** Asks the interface over HTTP as somebody; the answer's JSON, undefined where it has none. */
export async function call(
  { server: { url } }: Web,
  { authorization }: Actor,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}
