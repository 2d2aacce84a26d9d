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
