import type { Actor } from '../../support/cast.ts';
import type { Things } from './world.ts';

/** What a request to an endpoint says. */
export interface Call {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
  /** Sent as the fields of a form. */
  form?: Record<string, string>;
  /** Sent as the file of a form. */
  file?: Buffer;
}

/** People whom every call may name, whatever it is about. */
export interface Extras {
  /** Somebody with an account and nothing else. */
  newcomer: Actor;
}

export interface CallMaker {
  /** What the call is about, if it is about one thing; such a call is also made about a deleted thing and one that never was. */
  about?: 'chat' | 'person' | 'invite' | 'session';
  make(things: Things, extras: Extras): Call;
  /** What everybody with a session gets who asks for a thing of their own. */
  own?: number;
}

export type Calls = Record<string, CallMaker>;

type Make = CallMaker['make'];

/** A call that is about the caller alone, or about nothing. */
export const plainly = (make: Make): CallMaker => ({ make });
/** A call about one chat, or about something in it. */
export const ofChat = (make: Make): CallMaker => ({ about: 'chat', make });
/** A call about one person; `own`: what is answered to oneself. */
export const ofPerson = (own: number, make: Make): CallMaker => ({ about: 'person', own, make });

/** A picture of one pixel. */
export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
