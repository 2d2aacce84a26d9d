import { z } from 'zod';
import { endpoint, everybody } from './endpoint.ts';

/** What stands between this node and its work. */
export const readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    database: z.enum(['ok', 'unreachable', 'behind']).meta({ description: '`behind`: migrations are missing.' }),
    draining: z.boolean(),
    unsafe_durability: z.literal(true).optional().meta({
      description: 'Present when UNSAFE_DURABILITY overrides: a crash of PostgreSQL may lose acknowledged messages.',
    }),
  })
  .meta({ id: 'Readiness' });

export type Readiness = z.infer<typeof readiness>;

export const getLivez = endpoint({
  method: 'get',
  path: '/livez',
  summary: 'Is the process alive?',
  description:
    'Answers as long as the event loop turns, also while draining. It says nothing private, so everybody may ask.',
  tag: 'operations',
  auth: 'public',
  whoMay: everybody(200),
  answers: { 200: { description: 'It is.', schema: z.object({ status: z.literal('alive') }) } },
});

export const getReadyz = endpoint({
  method: 'get',
  path: '/readyz',
  summary: 'Should this node be sent work?',
  description:
    'The database answers within a second, its migrations are those of this build, and the node does not drain. It says nothing private, so everybody may ask.',
  tag: 'operations',
  auth: 'public',
  whoMay: everybody(200),
  answers: {
    200: { description: 'Yes.', schema: readiness },
    503: { description: 'Not now; the body says why.', schema: readiness },
  },
});

export const getMetrics = endpoint({
  method: 'get',
  path: '/metrics',
  summary: 'Figures for Prometheus',
  description:
    'For callers with a loopback or private address that come directly: a request that a proxy forwarded gets 404, so that figures of the house stay in the house.',
  tag: 'operations',
  auth: 'public',
  whoMay: everybody(200),
  errors: ['not_found'],
  answers: { 200: { description: 'Prometheus text format.', media: 'text/plain' } },
});

export const operationEndpoints = [getLivez, getReadyz, getMetrics];
