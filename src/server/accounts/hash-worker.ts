import { compareSync, hashSync } from 'bcryptjs';

// What a hashing thread runs. The synchronous forms: nothing else waits for this thread, and the asynchronous ones never
// yield anyway.

export const hash = (task: { password: string; cost: number }): string => hashSync(task.password, task.cost);

export const verify = (task: { password: string; hash: string }): boolean => compareSync(task.password, task.hash);
