/** Why the server does not start: the reason and the remedy, written for the person who started it. Shown without a stack. */
export class StartError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'StartError';
  }
}
