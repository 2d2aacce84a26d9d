import { constants, platform, setPriority } from 'node:os';
import { compareSync, hashSync } from 'bcryptjs';

// What a hashing thread runs. The synchronous forms: nothing else waits for this thread, and the asynchronous ones never
// yield anyway.

// A hash takes a core for tens of milliseconds: messages go first. On Linux 0 is this thread, elsewhere the whole process.
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

export const hash = (task: { password: string; cost: number }): string => hashSync(task.password, task.cost);

export const verify = (task: { password: string; hash: string }): boolean => compareSync(task.password, task.hash);
