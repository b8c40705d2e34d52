import { patched, sleep } from '@temporalio/workflow';
import type { Assessment } from '../contracts/watch.js';
import type { Verdict } from '../domain/release/verdict.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';
import type { GuardWatch } from './guard-watch.js';
import { holdAt, type Holding } from './held.js';
import { StageEnded } from './stage-ended.js';

interface BakeInput extends Holding {
  note: (event: string) => void;
  verdicts: Verdict[];
  watch: GuardWatch;
  /** Writes the plan of the promotion once more; `again` tells it from the one before. */
  promoteAgain: (again: string) => Promise<void>;
}

/**
 * The time after a promotion in which it can still be taken back. Returns once enough was seen and nothing spoke against
 * it; throws `StageEnded` otherwise. A first champion has nobody to be compared with or to go back to: it passes, and
 * people are told when it breaks its limit.
 */
export async function runBake(bake: BakeInput): Promise<void> {
  const { input, progress, note, verdicts, watch, promoteAgain } = bake;
  const { releaseId, model, rollout } = input;
  const { duration, maximum } = rollout.bake;
  const quick = (summary: string) => activitiesFor({ profile: 'quickCall', queue: 'orchestration', summary });
  const hold = holdAt<Assessment>({
    ...{ holding: bake, name: 'bake', where: 'in its bake', duration, maximum, tellAtOnce: true },
    lookAgain: ({ activities, again }) => activities.assessBake({ ...question(), again }),
  });
  for (let start = 1; ; start += 1) {
    if (milliseconds(duration) > 0) await sleep(milliseconds(duration), { summary: 'bake' });
    const judged = await judge();
    if (judged === 'passed' || (await hold.lapsed(judged)) === 'passed') return;
    note('the lease lapsed and the old champion served alone; the bake starts again');
    // Nobody was told of it by 0.1.0.
    if (start === 1 && patched('lapsed-bakes-are-told')) await tellOfLapse();
    await promoteAgain(`, start ${start + 1}`);
  }

  function question() {
    return { releaseId, model, fromRevision: watch.fromRevision, rollout, first: input.champion === null };
  }

  /** Answers with what was seen where the lease has lapsed. */
  async function judge(): Promise<'passed' | Assessment> {
    let seen: Assessment | null = null;
    for (;;) {
      const assessed: Assessment = seen ?? (await quick('look back on the bake').assessBake(question()));
      progress.update({ verdicts: assessed.verdicts });
      const failed = assessed.verdict === 'fail';
      if (failed && input.champion) {
        verdicts.push(...assessed.verdicts);
        throw new StageEnded('rolledBack', [assessed.reason]);
      }
      if (failed) await tellOfLimit(assessed.reason);
      if (assessed.leaseLapsed) return assessed;
      const held = failed || assessed.verdict === 'pass' ? 'passed' : await hold.on(assessed);
      if (held === 'passed') {
        verdicts.push(...assessed.verdicts);
        return 'passed';
      }
      seen = held;
    }
  }

  async function tellOfLapse(): Promise<void> {
    await quick('tell people that the bake starts again').sendNotification({
      key: `${releaseId}/lapsed-bake`,
      severity: 'warning',
      title: `${releaseId} starts its bake again`,
      body: 'the lease of its plan lapsed: its watcher was away, or telemetry could not be read. Meanwhile the old champion has served alone',
      model,
      releaseId,
    });
  }

  async function tellOfLimit(reason: string): Promise<void> {
    await quick('tell people that the first champion breaks its limit').sendNotification({
      key: `${releaseId}/limit`,
      severity: 'critical',
      title: `${releaseId} breaks its limit and has no champion to go back to`,
      body: reason,
      model,
      releaseId,
    });
  }
}
