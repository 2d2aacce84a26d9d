import type { Measured } from './result.ts';
import type { RoundsOptions } from './rounds.ts';

export interface BenchDatabase extends AsyncDisposable {
  url: string;
}

/** What a family of figures works with. */
export interface Context {
  quick: boolean;
  rounds: RoundsOptions;
  /** A folder that is removed at the end. */
  folder: string;
  /** The process above all PostgreSQL connections, where it runs on this machine. */
  postmaster: number | undefined;
  /** A migrated, empty database, dropped at the end at the latest. */
  createDatabase(): Promise<BenchDatabase>;
  /** Whether a figure was asked for. */
  wants(name: string): boolean;
  say(text: string): void;
  report(measured: Measured): void;
}

/** Figures that share a set-up, in the order of the table. */
export interface Family {
  names: readonly string[];
  run(context: Context): Promise<void>;
}
