// @ts-check
// What a hashing thread runs. JavaScript, so that a thread also starts at once where the rest is read from TypeScript: with
// the loader for that, a thread and its first hash took 200 to 260 ms of CPU, without it 70 to 100. The synchronous forms:
// nothing else waits for this thread, and the asynchronous ones never yield anyway.
import { constants, platform, setPriority } from 'node:os';
import { compareSync, hashSync } from 'bcryptjs';

// A hash takes a core for tens of milliseconds: messages go first. On Linux 0 is this thread, elsewhere the whole process.
if (platform() === 'linux') setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);

/** @param {{ password: string; cost: number }} task */
export const hash = ({ password, cost }) => hashSync(password, cost);

/** @param {{ password: string; hash: string }} task */
export const verify = (task) => compareSync(task.password, task.hash);
