import { uniform } from './seeded.js';
import type { TemporalServer } from './temporal-server.js';
import type { WorkerPool } from './worker-pool.js';

/** A release is some ninety moments, a beginning and an end of each activity. */
const momentsBetweenKills = 100;
const momentsBetweenRestarts = 700;

/**
 * Kills a worker or restarts Temporal after as many activities as the seed says: a slow machine is not hit more often.
 */
export function createAccidents({ seed, workers }: { seed: number; workers: number }) {
  const gap = (what: string, count: number, mean: number): number =>
    Math.round(mean * (0.4 + 1.2 * uniform({ seed, key: `${what}/${count}` })));
  let over = true;
  let kills = 0;
  let restarts = 0;
  let untilKill = gap('kill', 0, momentsBetweenKills);
  let untilRestart = gap('restart', 0, momentsBetweenRestarts);
  let restarting: Promise<void> = Promise.resolve();
  let hit: { pool: WorkerPool; server: TemporalServer } | null = null;
  return {
    get restarts() {
      return restarts;
    },
    start: (targets: { pool: WorkerPool; server: TemporalServer }): void => {
      hit = targets;
      over = false;
    },
    onMoment: (): void => {
      if (over || !hit) return;
      if ((untilKill -= 1) <= 0) {
        kills += 1;
        untilKill = gap('kill', kills, momentsBetweenKills);
        hit.pool.kill(Math.floor(uniform({ seed, key: `victim/${kills}` }) * workers));
      }
      if ((untilRestart -= 1) <= 0) {
        restarts += 1;
        untilRestart = gap('restart', restarts, momentsBetweenRestarts);
        const { server } = hit;
        restarting = restarting.then(() => server.restart());
      }
    },
    stop: (): Promise<void> => {
      over = true;
      return restarting;
    },
  };
}
