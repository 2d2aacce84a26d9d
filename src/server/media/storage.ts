/** A file as it is kept. */
export interface StoredFile {
  bytes: Buffer;
  /** When it was last put, by the storage's clock, in milliseconds since 1970. */
  storedAtMs: number;
}

/**
 * Where files are kept that PostgreSQL only knows by name. A name is given by the server, made of the content, and never
 * holds a path; so a file under one name never changes, and whoever has read it once may keep it.
 */
export interface Storage {
  /** Keeps a file; it is there, whole and durable, when this resolves. Putting it again makes it young again. */
  put(name: string, bytes: Buffer): Promise<void>;
  get(name: string): Promise<StoredFile | undefined>;
  /** Succeeds also where there is no such file. */
  delete(name: string): Promise<void>;
  /** The names of all files, in no order. */
  list(): AsyncIterable<string>;
}

/** A name that no file system and no bucket takes for anything else than a name. */
export function requirePlainName(name: string): void {
  if (!/^[\w-][\w.-]{0,127}$/.test(name)) throw new Error('not a name of a stored file');
}
