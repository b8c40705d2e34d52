import type { ShadowPair } from '../../contracts/shadow-pair.js';
import type { WatchShadowInput, WatchShadowResult } from '../../contracts/shadow.js';
import { storeKeys } from '../../contracts/store-keys.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { concludeShadow, type ShadowConclusion } from '../../domain/rollout/shadow/conclude-shadow.js';
import {
  clusterDisagreements,
  disagreeingPair,
  type DisagreeingPair,
} from '../../domain/rollout/shadow/disagreements.js';
import { observePair } from '../../domain/rollout/shadow/observe-pair.js';
import { shadowFigures } from '../../domain/rollout/shadow/shadow-figures.js';
import type { ShadowLimits } from '../../domain/rollout/shadow/shadow-gates.js';
import type { ShadowRow } from '../../domain/rollout/shadow/shadow-row.js';
import type { Specification } from '../../domain/spec/specification.js';
import { systemClock, type Clock } from '../clock.js';
import { pause, throwIfCancelled } from '../heartbeat.js';
import { createPacer, systemTiming, type Pacer, type Timing } from '../judging/pacer.js';
import type { Ports } from '../ports.js';
import { loadSpecification } from '../specifications.js';
import { keepLease, type LeaseKeeper } from './lease-keeper.js';
import { openPairJudge, type PairJudge } from './pair-judge.js';
import { pairReader } from './pair-reader.js';
import { openRowLog, type RowLog } from './row-log.js';
import { redactExamples, type ShadowEvidence } from './shadow-evidence.js';

const everyMilliseconds = 2000;
/** Judged between two looks at the verdict: enough to keep a judge busy, few enough to stop soon. */
const chunkPairs = 50;
/** So many pairs say all that a shadow can; what comes after them is counted and left. */
const mostPairs = 200_000;
/** Disagreements whose texts are kept for clusters and examples. */
const mostDisagreements = 2000;

interface Watching {
  input: WatchShadowInput;
  specification: Specification;
  limits: ShadowLimits;
  judge: PairJudge | null;
  log: RowLog;
  buckets: Set<number>;
  disagreements: { all: number; kept: DisagreeingPair[] };
  unread: ShadowEvidence['unread'];
  left: number;
}

/**
 * Watches a shadow: renews the lease of its plan, reads the pairs that gateways have stored, has a judge compare the
 * first pair of each sticky key, and says when it ends. Everything it rests on is in the store, so that a retry
 * elsewhere goes on where it stopped and pays for no judgement twice.
 */
export function createShadowActivities({
  store,
  router,
  judge,
  clock = systemClock,
  timing = systemTiming,
  pacer = judge && createPacer({ limits: judge.limits, timing }),
}: Pick<Ports, 'store' | 'router' | 'judge'> & { clock?: Clock; timing?: Timing; pacer?: Pacer | null }) {
  async function open(input: WatchShadowInput): Promise<Watching> {
    const specification = await loadSpecification({ store, ref: input.specification });
    const log = await openRowLog({ store, releaseId: input.releaseId });
    const { minimumPairs, alpha, margin, rateMargin, budgetUsd } = input.shadow;
    const spec = specification.spec.evaluation.judge;
    return {
      input,
      specification,
      log,
      limits: { minimumPairs, alpha, margin, rateMargin, slowMilliseconds: input.slowMilliseconds },
      judge:
        spec === null || judge === null || pacer === null
          ? null
          : await openPairJudge({
              store,
              judge,
              pacer,
              timing,
              spec,
              releaseId: input.releaseId,
              budgetUsd,
              calibration: specification.judgeCalibration ?? null,
              spentBefore: log.spentUsd,
              now: clock.now(),
            }),
      buckets: new Set(log.rows.map(({ bucket }) => bucket)),
      disagreements: { all: 0, kept: [] },
      unread: [],
      left: 0,
    };
  }

  return {
    async watchShadow(input: WatchShadowInput): Promise<WatchShadowResult> {
      const watching = await open(input);
      const { log } = watching;
      const reader = pairReader({ store, releaseId: input.releaseId, model: input.model });
      const details = (): unknown => ({ pairs: log.rows.length, at: clock.now() });
      const lease = keepLease({ router, clock, watched: input, revision: input.revision, details });
      const sliceEnds = Date.parse(clock.now()) + input.sliceMilliseconds;
      try {
        for (;;) {
          throwIfCancelled();
          await lease.look();
          const { pairs, corrupt } = await reader.next();
          watching.unread.push(...corrupt);
          const early = await takeIn({ watching, pairs, lease });
          if (early) return await decide({ watching, concluded: early, over: false });
          if (lease.ended?.kind === 'moved') return lease.ended;
          const now = Date.parse(clock.now());
          if (now >= Date.parse(input.endsAt))
            return await decide({ watching, concluded: conclude({ watching, over: true }), over: true });
          if (lease.ended) return lease.ended;
          if (now >= sliceEnds) return { kind: 'slice', verdicts: conclude({ watching, over: false }).verdicts };
          await pause(everyMilliseconds);
        }
      } finally {
        lease.stop();
      }
    },
  };

  /** Takes pairs in, those of an earlier attempt as it judged them; a conclusion where they end the shadow. */
  async function takeIn({
    watching,
    pairs,
    lease,
  }: {
    watching: Watching;
    pairs: readonly ShadowPair[];
    lease: LeaseKeeper;
  }): Promise<ShadowConclusion | null> {
    const { log } = watching;
    const fresh: ShadowPair[] = [];
    for (const pair of pairs) {
      const row = log.get(pair.id);
      if (row) note({ watching, pair, row });
      else if (log.rows.length + fresh.length < mostPairs) fresh.push(pair);
      else watching.left += 1;
    }
    // An earlier attempt may have ended between its last rows and its verdict.
    if (pairs.length > 0 && fresh.length === 0) return ended(watching);
    for (let start = 0; start < fresh.length && !lease.ended; start += chunkPairs) {
      throwIfCancelled();
      const chunk = fresh.slice(start, start + chunkPairs);
      const rows = await Promise.all(chunk.map((pair) => measure({ watching, pair })));
      await watching.judge?.stored();
      await log.append({ rows, spentUsd: watching.judge?.spentUsd() ?? 0 });
      for (const [index, pair] of chunk.entries()) note({ watching, pair, row: rows[index]! });
      const concluded = ended(watching);
      if (concluded) return concluded;
    }
    return null;
  }

  function ended(watching: Watching): ShadowConclusion | null {
    const concluded = conclude({ watching, over: false });
    return concluded.ends ? concluded : null;
  }

  async function decide({
    watching,
    concluded,
    over,
  }: {
    watching: Watching;
    concluded: ShadowConclusion;
    over: boolean;
  }): Promise<WatchShadowResult> {
    const { input, specification, limits, judge: asked, log, disagreements, unread, left } = watching;
    const { verdict, reason, verdicts } = concluded;
    const { answerPrice } = specification.spec.evaluation;
    const clusters = clusterDisagreements(disagreements.kept);
    const costUsd = asked?.spentUsd() ?? 0;
    const evidence: ShadowEvidence = {
      version: 1,
      releaseId: input.releaseId,
      champion: input.champion.releaseId,
      revision: input.revision,
      startedAt: input.startedAt,
      at: clock.now(),
      before: input.evidenceDigest,
      over,
      limits,
      judge: asked && { name: asked.name, ...asked.role, spentUsd: costUsd, budgetUsd: input.shadow.budgetUsd },
      rows: await log.refs(),
      unread,
      left,
      figures: shadowFigures({ rows: log.rows, price: answerPrice }),
      disagreements: {
        pairs: disagreements.all,
        clusters: redactExamples({ clusters, patterns: specification.spec.data.redaction.patterns }),
      },
      verdict,
      reason,
      verdicts,
    };
    const body = Buffer.from(canonicalJson(evidence));
    const ref = await store.put({ key: storeKeys.shadowEvidence({ releaseId: input.releaseId }), body });
    const shown = verdicts.map((one) => ({ ...one, evidence: ref }));
    return { kind: 'decided', verdict, reason, verdicts: shown, evidence: ref, evidenceDigest: ref.sha256, costUsd };
  }
}

const conclude = ({ watching: { log, limits, judge }, over }: { watching: Watching; over: boolean }) =>
  concludeShadow({ rows: log.rows, limits, judge: judge?.role ?? null, over });

/** What a pair shows; the judge sees it where it is its sticky key's first. */
async function measure({ watching, pair }: { watching: Watching; pair: ShadowPair }): Promise<ShadowRow> {
  const counted = !watching.buckets.has(pair.bucket);
  watching.buckets.add(pair.bucket);
  const row = observePair({ pair, counted });
  return counted && watching.judge ? { ...row, ...(await watching.judge.prefer(pair)) } : row;
}

function note({
  watching: { disagreements },
  pair,
  row,
}: {
  watching: Watching;
  pair: ShadowPair;
  row: ShadowRow;
}): void {
  const disagreeing = disagreeingPair({ pair, row });
  if (disagreeing === null) return;
  disagreements.all += 1;
  if (disagreements.kept.length < mostDisagreements) disagreements.kept.push(disagreeing);
}
