import { ParentClosePolicy, executeChild } from '@temporalio/workflow';
import { searchAttributes, workflowIds } from '../contracts/names.js';
import type { RolloutInput } from '../contracts/release.js';
import { shownSummary } from '../contracts/shown-text.js';
import type { Verdict } from '../domain/release/verdict.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { ApprovalEvidence } from './approval.js';
import { loadTest } from './load-test.js';
import type { ProgressKeeper } from './progress.js';
import type { RolloutMessages } from './rollout-messages.js';
import { shadow } from './shadow.js';
import { StageEnded } from './stage-ended.js';

/** What a stage before the approval works with; it lays its own evidence over the one so far. */
export interface Rehearsal {
  input: RolloutInput;
  progress: ProgressKeeper;
  messages: RolloutMessages;
  verdicts: Verdict[];
  note: (event: string) => void;
  evidence: { current: ApprovalEvidence };
  /** US dollars by kind. */
  costUsd: Record<string, number>;
}

const attributesOf = ({ model, releaseId }: RolloutInput) => [
  { key: searchAttributes.model, value: model },
  { key: searchAttributes.release, value: releaseId },
];

const told = ({ gate, verdict, reason }: Verdict): string => `${gate}: ${verdict}, ${reason}`;

/** Takes a stage's verdicts and evidence up, so that the approval that follows signs them too. */
function takeUp({ rehearsal, verdicts, digest }: { rehearsal: Rehearsal; verdicts: Verdict[]; digest: string }): void {
  const { current } = rehearsal.evidence;
  rehearsal.verdicts.push(...verdicts);
  rehearsal.progress.update({ verdicts, evidenceDigest: digest });
  rehearsal.evidence.current = { ...current, digest, summary: [...current.summary, ...verdicts.map(told)] };
}

/** Asks the challenger as much as its peak will. Returns when it keeps its limits; throws `StageEnded` otherwise. */
export async function runLoad({ rehearsal }: { rehearsal: Rehearsal }): Promise<void> {
  const { input, note, evidence } = rehearsal;
  const { releaseId, model, challenger, rollout, specification } = input;
  const { expectedPeak, factor, duration, minimumSuccess, firstTokenP95 } = rollout.load!;
  const result = await executeChild(loadTest, {
    workflowId: workflowIds.load(releaseId),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: shownSummary(`load test of ${releaseId}`),
    typedSearchAttributes: attributesOf(input),
    args: [
      {
        releaseId,
        model,
        target: challenger,
        minimumSuccess,
        specification: specification!,
        perSecond: expectedPeak * factor,
        milliseconds: milliseconds(duration),
        latencyP95Milliseconds: milliseconds(rollout.slo.latencyP95),
        firstTokenP95Milliseconds: firstTokenP95 === null ? null : milliseconds(firstTokenP95),
        evidenceDigest: evidence.current.digest,
      },
    ],
  });
  takeUp({ rehearsal, verdicts: result.verdicts, digest: result.evidenceDigest });
  note(`load: ${result.verdict}`);
  if (result.verdict === 'fail') throw new StageEnded('rejected', [result.reason]);
  if (result.verdict !== 'pass') await askToGoOn({ rehearsal, stage: 'load test', reason: result.reason });
}

/** Asks people where a stage has shown nothing. That they go on is no approval of the promotion. */
async function askToGoOn({
  rehearsal: { input, messages, evidence },
  stage,
  reason,
}: {
  rehearsal: Rehearsal;
  stage: string;
  reason: string;
}): Promise<void> {
  const { required, expires } = input.rollout.approval;
  const answer = await messages.ask({
    what: `a decision after the ${stage}: ${reason}. Approving goes on`,
    evidenceDigest: evidence.current.digest,
    required,
    expires,
  });
  if (answer.kind !== 'approved') throw new StageEnded('rejected', [answer.reason]);
}

/** Rehearses on a copy of live traffic. Returns when that speaks for the challenger; throws `StageEnded` otherwise. */
export async function runShadow({ rehearsal, champion }: { rehearsal: Rehearsal; champion: Target }): Promise<void> {
  const { input, note, evidence, costUsd } = rehearsal;
  const { releaseId, model, challenger, owner, rollout, specification } = input;
  const { shadow: wanted, lease, slo } = rollout;
  const result = await executeChild(shadow, {
    workflowId: workflowIds.shadow(releaseId),
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: shownSummary(`shadow of ${releaseId}`),
    typedSearchAttributes: attributesOf(input),
    args: [
      {
        releaseId,
        model,
        challenger,
        champion,
        owner,
        lease,
        specification: specification!,
        shadow: wanted!,
        slowMilliseconds: milliseconds(slo.latencyP95),
        evidenceDigest: evidence.current.digest,
      },
    ],
  });
  if (result.costUsd > 0) costUsd['shadow'] = result.costUsd;
  takeUp({ rehearsal, verdicts: result.verdicts, digest: result.evidenceDigest });
  note(`shadow: ${result.verdict}`);
  if (result.verdict === 'pass') return;
  const policy = result.verdict === 'unmeasured' ? wanted!.onUnmeasured : wanted!.onInconclusive;
  if (result.verdict === 'fail' || result.evidence === null || policy !== 'ask')
    throw new StageEnded('rejected', [result.reason]);
  await askToGoOn({ rehearsal, stage: 'shadow', reason: result.reason });
}
