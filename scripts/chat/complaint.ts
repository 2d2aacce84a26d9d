/** How a command of the terminal ends. */
export const exitCodes = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;

/** What its user did wrong or has to know, in their language. Shown without a stack. */
export class Complaint extends Error {
  /** How the process ends, where it ends by this. */
  readonly exitCode: number;

  constructor(text: string, exitCode: number = exitCodes.refused) {
    super(text);
    this.name = 'Complaint';
    this.exitCode = exitCode;
  }
}
