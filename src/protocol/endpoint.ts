import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';

/**
 * What each kind of caller must get from an endpoint, as HTTP status. The who-may matrix test walks over it, so an
 * endpoint without an expectation cannot be declared. `stranger`, `member` and `former` are people who are logged in;
 * they differ only where the endpoint concerns one chat.
 */
export interface WhoMay {
  anonymous: number;
  stranger: number;
  member: number;
  former: number;
}

/** One HTTP endpoint of the contract: its address, its input, its answers and who may call it. */
export interface Endpoint {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express form: `/api/v1/chats/:chatId`. */
  path: string;
  summary: string;
  description?: string;
  tag: 'accounts' | 'chats' | 'messages' | 'operations';
  /** `user` needs a session (Bearer token or cookie); `public` does not look for one. */
  auth: 'user' | 'public';
  whoMay: WhoMay;
  /** Errors of its own, besides those that every endpoint of its kind may answer. */
  errors?: readonly ErrorCode[];
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Successful answers by status; errors are described by the catalogue. */
  answers: Record<number, { description: string; schema?: z.ZodType }>;
  /** A body that a test sends and the documents show. */
  example?: unknown;
}

export const endpoint = <const E extends Endpoint>(definition: E): E => definition;
