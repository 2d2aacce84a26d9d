/**
 * What doing it costs this process, in milliseconds of all its threads. Other programs lengthen a wait, but not the work;
 * whatever else this process does meanwhile counts.
 */
export async function measureWork(act: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** The same of the cheapest of three times. */
export async function measureLeastWork(act: () => unknown): Promise<number> {
  const all = [await measureWork(act), await measureWork(act), await measureWork(act)];
  return Math.min(...all);
}
