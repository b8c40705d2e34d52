/**
 * Does the work for every number under `count`, at most `atOnce` at a time. The first failure stops the others before
 * their next one, and is thrown when all of them have ended: nothing of a failed attempt is still under way when the next
 * one begins.
 */
export async function inParallel({
  count,
  atOnce,
  work,
}: {
  count: number;
  atOnce: number;
  work: (index: number) => Promise<void>;
}): Promise<void> {
  let next = 0;
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    try {
      while (next < count) await work(next++);
    } catch (error) {
      next = count;
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
  if (failures.length > 0) throw failures[0];
}
