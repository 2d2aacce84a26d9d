interface Login {
  id: string;
  password: string;
}

export interface BackgroundHashes extends AsyncDisposable {
  add(logins: Login[]): void;
  /** Resolves to the hash of everybody added, by user id; rejects when one could not be made. */
  all(onDone: (done: number, total: number) => void): Promise<Map<string, string>>;
}

/** Few enough for any queue of the hashing threads, enough to keep all of them busy. */
const atOnce = 16;

/**
 * Hashes passwords while the rest of a file is loaded: a thousand of them take a core about a minute. Disposing drops
 * those not begun and waits for the others.
 */
export function hashInBackground(credentials: { hash(password: string): Promise<string> }): BackgroundHashes {
  const hashes = new Map<string, string>();
  let waiting: Login[] = [];
  const running = new Set<Promise<void>>();
  let failure: Error | undefined;
  let total = 0;

  const hashNext = async (): Promise<void> => {
    for (let login = waiting.pop(); login !== undefined; login = waiting.pop()) {
      hashes.set(login.id, await credentials.hash(login.password));
    }
  };
  const start = (): void => {
    while (running.size < atOnce && waiting.length > 0) {
      const work: Promise<void> = hashNext()
        .catch((error: unknown) => {
          failure ??= error instanceof Error ? error : new Error(String(error));
          waiting = [];
        })
        .finally(() => running.delete(work));
      running.add(work);
    }
  };

  return {
    add(logins) {
      total += logins.length;
      waiting.push(...logins);
      start();
    },
    async all(onDone) {
      while (running.size > 0) {
        await Promise.race([...running, new Promise((resolve) => setTimeout(resolve, 100))]);
        onDone(hashes.size, total);
      }
      if (failure !== undefined) throw failure;
      return hashes;
    },
    async [Symbol.asyncDispose]() {
      waiting = [];
      await Promise.all(running);
    },
  };
}
