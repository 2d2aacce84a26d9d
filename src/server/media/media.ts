import type { Logger } from 'pino';
import { ProtocolError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { findPictureName } from '../../protocol/media.ts';
import { Collector } from './collector.ts';
import { createPictureMaker } from './pictures.ts';
import type { Storage } from './storage.ts';

/** Pictures of people and groups. A picture's name is what `users.avatar` and `groups.avatar` hold. */
export interface Media extends AsyncDisposable {
  /**
   * Keeps the picture in a file of the disk; answers its name, to be written to a row at once. Throws `invalid_image`,
   * `overloaded` and `unavailable`.
   */
  putPicture(path: string): Promise<string>;
  /** To be told of a picture that a row does not name any more, or was never written to one. It goes when no row does. */
  forget(name: string): void;
  /** One file of a picture. Throws `unavailable`. */
  findFile(file: string): Promise<Buffer | undefined>;
  /** Deletes pictures that no row names; to be called now and then. */
  collectAll(): Promise<void>;
}

export interface MediaOptions {
  storage: Storage;
  /** Which of these pictures rows name. */
  listUsed(names: string[]): Promise<string[]>;
  log: Logger;
}

const collectEveryMs = 60_000;

export function createMedia({ storage, listUsed, log }: MediaOptions): Media {
  const makePicture = createPictureMaker();
  const collector = new Collector({ storage, listUsed, nowMs: Date.now, settleMs: limits.pictures.settleMs });
  let isFailing = false;
  let collecting: Promise<void> = Promise.resolve();
  const collect = (run: () => Promise<void>): Promise<void> =>
    (collecting = collecting.then(run).catch((error: unknown) => {
      log.warn({ err: error }, 'old pictures could not be deleted');
    }));
  const timer = setInterval(() => void collect(() => collector.collect()), collectEveryMs).unref();

  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      const answer = await question();
      isFailing = false;
      return answer;
    } catch (error) {
      // Said once, until it works again: every page with faces asks.
      log[isFailing ? 'debug' : 'error']({ err: error }, 'the storage of pictures failed');
      isFailing = true;
      throw new ProtocolError('unavailable', {
        message: 'The storage of pictures cannot be reached; send the same again in a moment.',
        afterMs: 5_000,
      });
    }
  };

  return {
    async putPicture(path) {
      const { name, files } = await makePicture(path);
      await ask(() => Promise.all(files.map((file) => storage.put(file.name, file.bytes))));
      return name;
    },
    forget: (name) => collector.consider(name),
    findFile: async (file) => {
      if (findPictureName(file) === undefined) return undefined;
      return (await ask(() => storage.get(file)))?.bytes;
    },
    collectAll: () => collect(() => collector.collectAll()),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await collect(() => collector.finish());
    },
  };
}
