/**
 * Takes the one file of a multipart form in, onto the disk, under a name of the server's own in a folder of its own.
 *
 * What must stay true: however a request ends – answered, refused, cut off, too slow – its file is gone when it has
 * ended. So a file is removed only after its writing has stopped for good (a removal while it is being opened would come
 * too early and leave it), and what a process that was killed left behind is swept away by age.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, open, opendir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { callbackify } from 'node:util';
import type { Request, Response } from 'express';
import multer, { MulterError, type StorageEngine } from 'multer';
import type { Upload } from '../../protocol/endpoint.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { codeOf } from '../db/failure.ts';
import type { ReceiveUpload, UploadedFile } from './mount.ts';

export interface Uploads {
  receive: ReceiveUpload;
  /** Removes what processes that were killed left in the folder; to be called at start and now and then. */
  sweep(): Promise<void>;
}

export interface UploadsOptions {
  /** Made when it is first needed; may be shared by several processes. */
  folder: string;
  /** How many files of one person may be on their way at once. */
  maxPerPerson: number;
  maxAtOnce?: number;
  receiveMs?: number;
}

export function createUploads({
  folder,
  maxPerPerson,
  maxAtOnce = limits.uploads.maxAtOnce,
  receiveMs = limits.uploads.receiveMs,
}: UploadsOptions): Uploads {
  const places = createPlaces({ maxAtOnce, maxPerPerson });
  return {
    async receive(request, response, upload, person) {
      const file = new TemporaryFile(join(folder, randomUUID()));
      let leave = (): void => undefined;
      const remove = async (): Promise<void> => {
        await file.remove();
        leave();
      };
      try {
        leave = places.enter(person);
        refuseByHead(request, upload);
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return { file: await takeForm({ request, response, upload, file, receiveMs }), remove };
      } catch (error) {
        await remove();
        await letGo(request, response);
        throw error;
      }
    },
    sweep: () => sweep(folder),
  };
}

/** How many uploads are under way, in all and of each person. */
function createPlaces({ maxAtOnce, maxPerPerson }: { maxAtOnce: number; maxPerPerson: number }) {
  const counts = new Map<string, number>();
  let all = 0;
  return {
    /** Answers how to leave again. */
    enter(person: string): () => void {
      const own = counts.get(person) ?? 0;
      if (own >= maxPerPerson) throw new ProtocolError('rate_limited', { afterMs: 1_000 });
      if (all >= maxAtOnce) throw new ProtocolError('overloaded', { afterMs: 1_000 });
      counts.set(person, own + 1);
      all++;
      return () => {
        all--;
        const left = counts.get(person)! - 1;
        if (left === 0) counts.delete(person);
        else counts.set(person, left);
      };
    },
  };
}

/** One file in the making. multer's own would write on after a request was cut off. */
class TemporaryFile {
  readonly #path: string;
  #source: Readable | undefined;
  #writing: Promise<UploadedFile> | undefined;
  /** Why the disk refused. multer hears of a stream that ended too early before it hears of this. */
  failure: unknown;

  constructor(path: string) {
    this.#path = path;
  }

  write(source: Readable): Promise<UploadedFile> {
    this.#source = source;
    return (this.#writing ??= this.#write(source));
  }

  async #write(source: Readable): Promise<UploadedFile> {
    const file = await open(this.#path, 'wx', 0o600);
    try {
      let bytes = 0;
      for await (const chunk of source as AsyncIterable<Buffer>) {
        await file.writeFile(chunk).catch((error: unknown) => {
          this.failure = error;
          throw error;
        });
        bytes += chunk.length;
      }
      return { path: this.#path, bytes };
    } finally {
      await file.close();
    }
  }

  async remove(): Promise<void> {
    if (!this.#writing) return;
    this.#source?.destroy();
    await this.#writing.catch(() => undefined);
    await rm(this.#path, { force: true });
  }
}

/** What stands around the file: the other parts' heads and fields. */
const formBytes = 64 * 1024;

function refuseByHead({ headers }: Request, { maxBytes }: Upload): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes + formBytes) throw new ProtocolError('too_large');
}

interface Taking {
  request: Request;
  response: Response;
  upload: Upload;
  file: TemporaryFile;
  receiveMs: number;
}

async function takeForm({ request, response, upload, file, receiveMs }: Taking): Promise<UploadedFile> {
  // Of a request that is closed already, multer would hear nothing any more.
  if (request.destroyed) throw cutOff();
  let taken: UploadedFile | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(tooSlow()), receiveMs);
      const storage: StorageEngine = {
        _handleFile(_request, { stream }, done) {
          // At once, and not when multer has read the rest of what the client goes on sending.
          stream.once('limit', () => reject(new ProtocolError('too_large')));
          const write = callbackify(async () => {
            taken = await file.write(stream);
            return { path: taken.path, size: taken.bytes };
          });
          write(done);
        },
        // The file is removed by whoever asked for it.
        _removeFile: (_request, _file, done) => done(null),
      };
      const parse = createParser(storage, upload);
      parse(request, response, (error?: unknown) => {
        if (error === undefined) resolve();
        else reject(toRefusal(file.failure ?? error));
      });
    });
  } finally {
    clearTimeout(timer);
  }
  if (!taken) throw missing(upload.fields);
  return taken;
}

const createParser = (storage: StorageEngine, { fields, maxBytes }: Upload) =>
  multer({
    storage,
    defParamCharset: 'utf8',
    // Names are not looked at; cut to its last part, one like `..` would be none.
    preservePath: true,
    fileFilter: (_request, { fieldname }, done) => {
      if (fields.includes(fieldname)) done(null, true);
      else done(missing(fields));
    },
    limits: {
      files: 1,
      fileSize: maxBytes,
      fields: limits.uploads.maxFields,
      parts: limits.uploads.maxFields + 1,
      fieldSize: limits.uploads.maxFieldBytes,
      fieldNameSize: 100,
      fieldNestingDepth: 0,
      headerPairs: 32,
    },
  }).any();

const missing = (fields: readonly string[]): ProtocolError =>
  new ProtocolError('invalid_request', {
    mistakes: [{ type: 'missing', loc: ['body', fields[0] ?? 'file'], msg: 'Field required: one file' }],
  });

const cutOff = (): ProtocolError =>
  new ProtocolError('invalid_request', { message: 'The form is not whole, or not valid multipart/form-data.' });

const tooSlow = (): ProtocolError =>
  new ProtocolError('invalid_request', { message: 'The file took too long to arrive.' });

/** Errors of the form are the client's, those of the disk are the server's. */
function toRefusal(error: unknown): Error {
  if (error instanceof ProtocolError) return error;
  if (error instanceof MulterError) {
    if (error.code === 'LIMIT_FILE_SIZE') return new ProtocolError('too_large');
    const loc = ['body', ...(error.field === undefined ? [] : [error.field.slice(0, 100)])];
    return new ProtocolError('invalid_request', { mistakes: [{ type: 'value_error', loc, msg: error.message }] });
  }
  if (error instanceof Error && 'syscall' in error && codeOf(error) !== 'ECONNRESET') return error;
  return cutOff();
}

const lingerMs = 2_000;

/**
 * Ends a refused request's connection when its answer is out. Who is still sending is listened to a moment longer: with
 * bytes unread the answer would be lost in the reset.
 */
async function letGo(request: Request, response: Response): Promise<void> {
  if (!response.headersSent) response.setHeader('connection', 'close');
  if (request.readableEnded || request.destroyed) return;
  request.unpipe();
  request.resume();
  const over = new AbortController();
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close', 'error']) request.once(event, () => resolve());
  });
  await Promise.race([ended, sleep(lingerMs, undefined, { signal: over.signal, ref: false })]);
  over.abort();
}

async function sweep(folder: string): Promise<void> {
  const entries = await opendir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!entries) return;
  const before = Date.now() - limits.uploads.abandonedAfterMs;
  for await (const { name } of entries) {
    const path = join(folder, name);
    // Another process may remove its own file in between.
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() && found.mtimeMs < before) await rm(path, { force: true });
  }
}
