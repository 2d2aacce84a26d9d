import type { z } from 'zod';
import type { ErrorCode, ProtocolError } from './errors.ts';

/**
 * What each kind of caller must get from an endpoint, as HTTP status. The who-may matrix test walks over it, so an
 * endpoint without an expectation cannot be declared. All but the anonymous are logged in; they differ only where the
 * endpoint concerns one chat or one person. Whose account is deactivated and whose session was revoked get what the
 * anonymous get.
 */
export interface WhoMay {
  anonymous: number;
  stranger: number;
  /** An ordinary member of the chat. */
  member: number;
  /** A member of before. */
  former: number;
  /** By default what a member gets. */
  admin?: number;
  /** By default what an admin gets. */
  owner?: number;
  /** Somebody whom the person concerned has blocked; by default what a stranger gets. */
  blocked?: number;
  /** A member, about something that never existed; by default what a stranger gets. */
  unknown?: number;
  /** A member of before, about something that was deleted; by default what `unknown` gets. */
  deleted?: number;
}

/** What an error of the catalogue is called by one endpoint, where clients of a source system know it otherwise. */
export interface Saying {
  status?: number;
  /** What stands under `detail`; the rest of the error's body stays as it is. */
  detail?: string | ((error: ProtocolError) => unknown);
}

/** A file of a multipart form. */
export interface Upload {
  /** The names of the field that it may have. */
  fields: readonly string[];
  maxBytes: number;
}

/** One HTTP endpoint of the contract: its address, its input, its answers and who may call it. */
export interface Endpoint {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Express form: `/api/v1/chats/:chatId`. */
  path: string;
  summary: string;
  description?: string;
  tag: 'accounts' | 'people' | 'chats' | 'messages' | 'operations' | 'direct' | 'lobby' | 'actions' | 'rooms';
  /** `user` needs a session (Bearer token or cookie); `public` does not look for one. */
  auth: 'user' | 'public';
  whoMay: WhoMay;
  /** Errors of its own, besides those that every endpoint of its kind may answer. */
  errors?: readonly ErrorCode[];
  /** Errors that this endpoint calls by other names. */
  says?: Partial<Record<ErrorCode, Saying>>;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** How the body may be written; JSON alone by default. A form never proves itself by cookie. */
  accepts?: readonly ('json' | 'form')[];
  /** Takes a multipart form with one file instead of a body. */
  upload?: Upload;
  /** Answers by status that are no errors of the catalogue. `media`: another type than JSON. */
  answers: Record<number, { description: string; schema?: z.ZodType; media?: string }>;
  /** A body that a test sends and the documents show. */
  example?: unknown;
}

export const endpoint = <const E extends Endpoint>(definition: E): E => definition;

/** Who may, where all are answered alike. */
export const everybody = (status: number): WhoMay => ({
  anonymous: status,
  stranger: status,
  member: status,
  former: status,
});

/** Who may, where it concerns the caller alone. */
export const loggedIn = (status: number): WhoMay => ({ ...everybody(status), anonymous: 401 });

/** Who may, where it concerns one chat: members alone, and others learn nothing, not even whether it exists. */
export const membersOnly = (status: number): WhoMay => ({ anonymous: 401, stranger: 403, member: status, former: 403 });
