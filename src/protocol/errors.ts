/**
 * Every error a client can meet, on the socket and over HTTP: code → HTTP status, what a client should do next, and the
 * text for people. A client acts on `code` and `retry`, never on the text.
 *
 * `retry`: `never` – the same request will fail again; `same` – send the very same request (same client_id) again later;
 * `new` – correct it or log in first, then send it as a new one.
 */
export const errorCatalogue = {
  // The frame or request itself
  invalid_request: { status: 422, retry: 'new', text: 'The request is not valid; `detail` names every mistake.' },
  malformed_json: { status: 400, retry: 'new', text: 'This is not valid JSON.' },
  too_deep: { status: 422, retry: 'new', text: 'The JSON is nested too deeply or has too many keys or elements.' },
  too_large: { status: 413, retry: 'new', text: 'The request is larger than the server accepts.' },
  unsupported_media_type: { status: 415, retry: 'new', text: 'Send the body as application/json.' },
  not_found: { status: 404, retry: 'never', text: 'There is nothing at this address.' },
  method_not_allowed: { status: 405, retry: 'never', text: 'This address does not answer to this method.' },
  // Who is asking
  not_authenticated: { status: 401, retry: 'new', text: 'Log in first.' },
  wrong_credentials: { status: 401, retry: 'new', text: 'user not authenticated' },
  session_revoked: { status: 401, retry: 'new', text: 'This session was ended; log in again.' },
  access_denied: { status: 403, retry: 'never', text: 'access denied' },
  csrf: { status: 403, retry: 'never', text: 'A request by cookie must come from the page of this server itself.' },
  registration_closed: { status: 403, retry: 'never', text: 'This server does not register new people.' },
  invite_needed: {
    status: 403,
    retry: 'new',
    text: 'Registering here needs a valid invite code; ask the operator for one.',
  },
  link_invalid: {
    status: 403,
    retry: 'never',
    text: 'This link is used up or expired; ask the operator for a new one.',
  },
  // What is asked for
  no_chat: { status: 403, retry: 'never', text: 'You are not a member of this chat.' },
  unknown_chat: { status: 404, retry: 'never', text: 'There is no such chat.' },
  no_message: { status: 403, retry: 'never', text: 'There is no such message in a chat of yours.' },
  no_user: { status: 400, retry: 'new', text: 'A person named in the request does not exist.' },
  unknown_user: { status: 404, retry: 'never', text: 'There is no such person.' },
  not_oneself: { status: 400, retry: 'never', text: 'This can be done to others, not to oneself.' },
  sender_mismatch: { status: 403, retry: 'new', text: 'sender_id must be the person logged in.' },
  conflict: { status: 409, retry: 'never', text: 'This client_id was already used for another message.' },
  depends_missing: {
    status: 409,
    retry: 'same',
    text: 'The message named by `after` is not stored; send that one first.',
  },
  deleted: { status: 409, retry: 'never', text: 'This message was deleted.' },
  too_many_reactions: { status: 409, retry: 'never', text: 'This message has too many different reactions.' },
  too_many_pins: { status: 409, retry: 'never', text: 'Unpin a message first: the chat has too many.' },
  too_many_edits: { status: 409, retry: 'never', text: 'This message was edited too often.' },
  resume_not_possible: {
    status: 409,
    retry: 'never',
    text: 'What this client knows is of another life of the database; forget it and read anew.',
  },
  identifier_taken: { status: 409, retry: 'new', text: 'This identifier belongs to somebody else; choose another.' },
  identifier_needed: { status: 409, retry: 'new', text: 'An account keeps at least one of email, phone and username.' },
  blocked: { status: 403, retry: 'never', text: 'One of you has blocked the other: no messages either way.' },
  wrong_password: { status: 403, retry: 'new', text: 'The current password is not right.' },
  weak_password: { status: 400, retry: 'new', text: 'This password is too short or too long here.' },
  invalid_image: { status: 400, retry: 'new', text: 'Send a picture: JPEG, PNG, WebP, GIF or AVIF.' },
  invite_invalid: { status: 404, retry: 'never', text: 'This invite does not work: it never did, or not any more.' },
  direct_exists: { status: 409, retry: 'never', text: 'The two have a direct chat already.' },
  owner_stays: { status: 403, retry: 'never', text: 'The owner cannot be taken out of the group; hand it on first.' },
  not_a_pair: { status: 400, retry: 'new', text: 'A direct chat is with exactly one other person.' },
  not_a_group: { status: 409, retry: 'never', text: 'A direct chat has exactly two members; make a group instead.' },
  too_many_members: { status: 409, retry: 'never', text: 'The group is full.' },
  too_many_chats: { status: 409, retry: 'never', text: 'Somebody would be in more chats than the server allows.' },
  too_many_pinned: { status: 409, retry: 'never', text: 'Unpin a chat first: no more can be pinned.' },
  too_many_invites: { status: 409, retry: 'never', text: 'Revoke an invite first: the group has too many.' },
  // The server's own state
  rate_limited: { status: 429, retry: 'same', text: 'Too many requests; wait and try again.' },
  overloaded: { status: 503, retry: 'same', text: 'The server is busy; send the same again in a moment.' },
  unavailable: { status: 503, retry: 'same', text: 'The database cannot be reached; send the same again in a moment.' },
  draining: { status: 503, retry: 'same', text: 'The server is restarting; send the same again in a moment.' },
  internal: { status: 500, retry: 'same', text: 'The server made a mistake; it was logged.' },
} as const satisfies Record<string, { status: number; retry: 'never' | 'same' | 'new'; text: string }>;

export type ErrorCode = keyof typeof errorCatalogue;
export type Retry = 'never' | 'same' | 'new';

/** One mistake in a request, in the shape that clients of the source systems know. */
export interface Mistake {
  type: string;
  loc: (string | number)[];
  msg: string;
}

interface ProtocolErrorOptions {
  message?: string;
  mistakes?: Mistake[];
  afterMs?: number;
  /** Which identifier an `identifier_taken` is about. */
  identifier?: 'email' | 'phone' | 'username';
  /** The people a `no_user` is about. */
  users?: readonly string[];
  status?: number;
  detail?: unknown;
}

/** The only error whose text reaches a client. Anything else that is thrown is a bug and becomes `internal`. */
export class ProtocolError extends Error {
  readonly code: ErrorCode;
  /** The HTTP status: the catalogue's, or what the endpoint's own clients know. */
  readonly status: number;
  /** What an HTTP answer shows under `detail`: every mistake, else the text, or what the endpoint's own clients know. */
  readonly detail: unknown;
  /** Every mistake of a request that is not valid. */
  readonly mistakes: Mistake[] | undefined;
  /** When to come back, in milliseconds from now. */
  readonly afterMs: number | undefined;
  readonly identifier: ProtocolErrorOptions['identifier'];
  readonly users: readonly string[] | undefined;

  constructor(code: ErrorCode, options: ProtocolErrorOptions = {}) {
    super(options.message ?? errorCatalogue[code].text);
    this.name = 'ProtocolError';
    this.code = code;
    this.status = options.status ?? errorCatalogue[code].status;
    this.mistakes = options.mistakes;
    this.detail = options.detail ?? options.mistakes ?? this.message;
    this.afterMs = options.afterMs;
    this.identifier = options.identifier;
    this.users = options.users;
  }

  get retry(): Retry {
    return errorCatalogue[this.code].retry;
  }
}
