import { SingleBar } from 'cli-progress';

export interface ProgressBar {
  /** Draws how far a phase has got; a new phase begins a bar of its own. */
  show(phase: string, done: number, total: number): void;
  stop(): void;
}

/** On standard error, so that standard output holds results alone; without a terminal a line every two seconds. */
export function openProgressBar(): ProgressBar {
  let bar: SingleBar | undefined;
  let current: string | undefined;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  return {
    show(phase, done, total) {
      if (phase !== current || bar === undefined) {
        stop();
        bar = new SingleBar({
          format: `${phase.padEnd(9)} {bar} {percentage}% | {value}/{total} | {duration_formatted}`,
          stream: process.stderr,
          noTTYOutput: true,
          notTTYSchedule: 2_000,
          hideCursor: null,
        });
        bar.start(total, 0);
        current = phase;
      }
      bar.setTotal(total);
      bar.update(done);
    },
    stop,
  };
}
