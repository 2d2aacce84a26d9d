import request from 'supertest';
import type { OwnProfile, Profile } from '../../src/protocol/users.ts';
import type { Actor } from '../support/cast.ts';

type Token = Pick<Actor, 'authorization'>;

/** Requests of one server in somebody's name. */
export const createAsk = (server: () => { url: string }) => ({
  get: (actor: Token, path: string) => request(server().url).get(`/api/v1${path}`).set(actor.authorization),
  post: (actor: Token, path: string, body: object = {}) =>
    request(server().url).post(`/api/v1${path}`).set(actor.authorization).send(body),
  patch: (actor: Token, path: string, body: object) =>
    request(server().url).patch(`/api/v1${path}`).set(actor.authorization).send(body),
  put: (actor: Token, path: string, body: object = {}) =>
    request(server().url).put(`/api/v1${path}`).set(actor.authorization).send(body),
  remove: (actor: Token, path: string, body: object = {}) =>
    request(server().url).delete(`/api/v1${path}`).set(actor.authorization).send(body),
});

type Answer = PromiseLike<{ body: unknown }>;

export const ownProfileOf = async (answer: Answer): Promise<OwnProfile> => (await answer).body as OwnProfile;
export const profileOf = async (answer: Answer): Promise<Profile> => (await answer).body as Profile;
export const pageOf = async (answer: Answer): Promise<{ users: Profile[]; next: string | null }> =>
  (await answer).body as { users: Profile[]; next: string | null };
export const codeOf = async (answer: Answer): Promise<unknown> => ((await answer).body as { code?: unknown }).code;
