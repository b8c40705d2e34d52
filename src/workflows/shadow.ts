import { ActivityCancellationType, log, setHandler, sleep } from '@temporalio/workflow';
import { releaseMessages } from '../contracts/release.js';
import type { ShadowInput, ShadowResult } from '../contracts/shadow.js';
import { ownerName } from '../domain/audit/cause.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';
import { createCompensations, undoAll } from './compensation.js';
import { pinned } from './pinned.js';
import { keepProgress, nowIso } from './progress.js';

const longestSliceMilliseconds = 2 * 3_600_000;

/** What nothing was found out about. */
const nothingShown = ({ evidenceDigest }: ShadowInput, reason: string): ShadowResult => ({
  verdict: 'inconclusive',
  reason,
  evidenceDigest,
  verdicts: [],
  evidence: null,
  costUsd: 0,
});

pinned(shadow);

/**
 * The challenger answers a copy of live traffic, which no user sees, and its answers are held against the champion's. It
 * ends at a shown loss or win, or when its time is over; where the spec then says to hold, it goes on. However it ends,
 * nothing is mirrored afterwards.
 */
export async function shadow(input: ShadowInput): Promise<ShadowResult> {
  const { releaseId, model, owner, champion, challenger } = input;
  const cause = { actor: ownerName(owner), releaseId, evidenceDigest: input.evidenceDigest };
  const { duration, sample, onInconclusive, onUnmeasured } = input.shadow;
  const progress = keepProgress(input);
  setHandler(releaseMessages.progress, () => progress.current);
  progress.enter('shadow');
  const startedAt = nowIso();
  let endsAt = Date.now() + milliseconds(duration);
  let told = false;
  const percent = `${sample * 100} %`;
  const traffic = (summary: string) => activitiesFor({ profile: 'trafficChange', queue: 'traffic', summary });
  const compensations = createCompensations();
  compensations.add({
    name: 'mirror',
    undo: () =>
      traffic('end the mirror').restoreChampion({
        model,
        owner,
        champion,
        reason: `${releaseId} ended in its shadow`,
        cause,
      }),
  });
  try {
    for (let start = 1; ; start += 1) {
      const again = start > 1 ? `, start ${start}` : '';
      const plan = await traffic(`mirror ${percent} of the traffic`).writePlan({
        model,
        owner,
        change: {
          challenger,
          challengerShare: 0,
          mirrorShare: sample,
          holdback: 0,
          reason: `${releaseId}: shadow of ${percent}${again}`,
        },
        leaseMilliseconds: milliseconds(input.lease),
        cause,
      });
      const result = await watch(plan.revision);
      if (result) {
        await traffic('end the mirror').writePlan({
          model,
          owner,
          change: {
            challenger: null,
            challengerShare: 0,
            mirrorShare: 0,
            reason: `${releaseId}: the shadow ended, ${result.verdict}`,
          },
          leaseMilliseconds: null,
          cause: { ...cause, evidenceDigest: result.evidenceDigest },
        });
        compensations.clear();
        return result;
      }
      log.warn('the lease lapsed and nothing was mirrored; the shadow starts again', { revision: plan.revision });
    }
  } catch (error) {
    const undone = await undoAll({ compensations, model, releaseId, where: 'shadow' });
    if (undone.length > 0) log.error('the mirror was not ended', { undone });
    throw error;
  }

  /** Watches one plan in slices; null where its lease lapsed. */
  async function watch(revision: number): Promise<ShadowResult | null> {
    for (;;) {
      const begun = Date.now();
      const sliceMilliseconds = Math.max(1000, Math.min(longestSliceMilliseconds, endsAt - begun));
      const watched = await activitiesFor({
        profile: 'longPoll',
        queue: 'watch',
        summary: `compare the answers of ${releaseId} and ${champion.releaseId}`,
        options: {
          cancellationType: ActivityCancellationType.TRY_CANCEL,
          startToCloseTimeout: sliceMilliseconds * 1.5 + 60_000,
        },
      }).watchShadow({
        ...input,
        revision,
        startedAt,
        sliceMilliseconds,
        endsAt: new Date(endsAt).toISOString(),
        leaseMilliseconds: milliseconds(input.lease),
      });
      if (watched.kind === 'lapsed') return null;
      if (watched.kind === 'moved') return nothingShown(input, watched.reason);
      progress.update({ verdicts: watched.verdicts });
      if (watched.kind === 'decided') {
        const { kind: _kind, ...result } = watched;
        if (!(await holds(result))) return result;
      }
      const left = Math.min(sliceMilliseconds - (Date.now() - begun), endsAt - Date.now());
      if (left > 0) await sleep(left, { summary: 'the watcher ended early without a verdict' });
    }
  }

  /** Whether it goes on although its time is over, as long as it takes. People are told once. */
  async function holds({ verdict, reason }: ShadowResult): Promise<boolean> {
    const policy = verdict === 'unmeasured' ? onUnmeasured : verdict === 'inconclusive' ? onInconclusive : null;
    if (policy !== 'hold') return false;
    endsAt = Date.now() + milliseconds(duration);
    progress.update({
      waiting: {
        for: 'evidence in the shadow',
        how: `${reason}; \`understudy rollback ${model}\` ends it`,
        evidenceDigest: null,
        until: null,
      },
    });
    if (told) return true;
    told = true;
    await activitiesFor({
      profile: 'quickCall',
      queue: 'orchestration',
      summary: 'tell people that the shadow holds',
    }).sendNotification({
      key: `${releaseId}/held-shadow`,
      severity: 'warning',
      model,
      releaseId,
      title: `${releaseId} holds in its shadow`,
      body: reason,
    });
    return true;
  }
}
