import type { Progress } from '../../../contracts/release.js';
import type { EndedRelease } from '../../../domain/release/lifecycle-state.js';
import { CannotRunError } from '../checks.js';
import type { AppliedSpecification } from '../../apply.js';
import { releaseOverlay, type Demonstration, type DemonstrationRelease } from './demonstration-file.js';
import type { DemonstrationState } from './demonstration-state.js';
import { followRelease, type ReleaseWatcher } from './follow-release.js';
import type { FaultProxy } from './fault-proxy.js';
import { liveStages, type Told } from './narrate.js';
import type { Replay } from './traffic-replay.js';

const requester = 'understudy start';

export interface DemonstrationClient extends ReleaseWatcher {
  apply(input: {
    path: string;
    overlays: (string | { name: string; document: unknown })[];
    by: string;
  }): Promise<AppliedSpecification>;
  requestRelease(input: {
    model: string;
    reason: string;
    requestedBy: string;
    requestId: string;
  }): Promise<{ decision: string; releaseId: string | null; reason: string }>;
}

export interface EndedDemonstrationRelease {
  ended: EndedRelease;
  release: DemonstrationRelease;
}

/**
 * Takes an example's releases through their lives, one after the other. Run again it goes on where it was: a release
 * that was requested is followed, one that ended is reported.
 * @throws CannotRunError when a release is refused; the signal's reason when it is aborted.
 */
export async function runDemonstration({
  demonstration,
  client,
  state,
  replay,
  proxy,
  decide,
  runBatches,
  say,
  signal,
}: {
  demonstration: Demonstration;
  client: DemonstrationClient;
  state: DemonstrationState;
  replay: Replay;
  proxy: FaultProxy;
  /** Runs the batch of each of the models, one after the other. */
  runBatches: (models: readonly string[]) => Promise<void>;
  decide: (input: { progress: Progress; told: Told }) => Promise<void>;
  say: (line: string) => void;
  signal: AbortSignal;
}): Promise<EndedDemonstrationRelease[]> {
  const { releases } = demonstration;
  const sentBefore = state.questions;
  const results: EndedDemonstrationRelease[] = [];
  for (const [index, release] of releases.entries()) {
    const number = index + 1;
    const { model } = release;
    say(`release ${number} of ${releases.length}: ${release.title}`);
    const releaseId =
      state.releaseOf(number) ?? (await request({ demonstration, client, state, release, number, signal }));
    let armed = false;
    const onProgress = async ({ progress, told }: { progress: Progress; told: Told }): Promise<void> => {
      const users = liveStages.has(progress.stage);
      if (users && !armed && release.fault !== null) {
        armed = true;
        arm({ proxy, adapter: releaseId, fault: release.fault, say });
      }
      replay.need(users, model);
      await decide({ progress, told });
    };
    const ended = await followRelease({ client, model, releaseId, say, onProgress, signal }).finally(async () => {
      replay.need(false);
      await state.setQuestions(sentBefore + replay.sent);
    });
    if (armed) {
      const { failed, delayed } = proxy.injected;
      proxy.arm(null);
      say(`fault disarmed: ${failed} answers of ${releaseId} failed and ${delayed} were delayed`);
    }
    say(`${releaseId} ended: ${ended.outcome} in ${ended.stage}${ended.reasons.map((one) => `\n  ${one}`).join('')}`);
    results.push({ ended, release });
    if (release.batch) await runBatches([...new Set(results.map((one) => one.release.model))]);
  }
  return results;
}

function arm({
  proxy,
  adapter,
  fault,
  say,
}: {
  proxy: FaultProxy;
  adapter: string;
  fault: NonNullable<DemonstrationRelease['fault']>;
  say: (line: string) => void;
}): void {
  const { errorRate, delayMs, seed } = fault;
  proxy.arm({ adapter, errorRate, delayMilliseconds: delayMs, seed });
  say(
    `FAULT INJECTED by the demonstration: ${errorRate * 100} % of the live answers of ${adapter} fail and the others wait ${delayMs} ms; its evaluation was not touched`,
  );
}

async function request({
  demonstration: { name, baseId, spec, overlays },
  client,
  state,
  release,
  number,
  signal,
}: {
  demonstration: Demonstration;
  client: DemonstrationClient;
  state: DemonstrationState;
  release: DemonstrationRelease;
  number: number;
  signal: AbortSignal;
}): Promise<string> {
  signal.throwIfAborted();
  const { model } = release;
  const over = [...overlays, ...release.overlays, releaseOverlay(release, number)];
  await client.apply({ path: spec, overlays: over, by: requester });
  const answer = await client.requestRelease({
    model,
    reason: `demonstration, release ${number}: ${release.title}`,
    requestedBy: requester,
    requestId: `demonstration-${name}-${stateKey(baseId)}-${number}`,
  });
  if (answer.releaseId === null)
    throw new CannotRunError(`release ${number} of ${model} was refused: ${answer.reason}`);
  await state.setRelease({ number, releaseId: answer.releaseId });
  return answer.releaseId;
}

/** A base's id as part of a file name. */
export const stateKey = (baseId: string): string => baseId.replaceAll(/[^A-Za-z0-9.-]+/g, '-');
