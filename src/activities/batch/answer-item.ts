import type { ShadowPair } from '../../contracts/shadow-pair.js';
import { createRedactor } from '../../domain/dataset/redaction/redactor.js';
import type { Prompt } from '../../domain/release/prompt.js';
import type { Target, TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import { questionOf } from '../../domain/summaries/question.js';
import { assignItem, pairId, type SeenItem } from '../../domain/summaries/seen-item.js';
import { type StoredSummary, summaryLabel } from '../../domain/summaries/stored-summary.js';
import type { BatchSpec } from '../../domain/spec/batch-spec.js';
import { milliseconds } from '../../domain/spec/quantities.js';
import type { Clock } from '../clock.js';
import type { Timing } from '../judging/pacer.js';
import { PortError } from '../ports.js';
import type { ResultCache } from '../result-cache-port.js';
import type { Asked, Made, summaryMaker } from './make-summary.js';
import type { DeadItem, DueItem } from './stage-file.js';
import { throughOutage } from './through-outage.js';

/** What became of one item. */
export interface AnsweredItem {
  seen: SeenItem;
  letter: DeadItem | null;
  pair: ShadowPair | null;
  calls: number;
  repaired: number;
  unformatted: number;
}

const longestReply = 2000;

/** Answers one item after the other as the traffic plan says, and writes what comes out into the cache. */
export function itemAnswerer({
  make,
  planNow,
  promptOf,
  cache,
  clock,
  timing,
  model,
  family,
  batch,
  run,
}: {
  make: ReturnType<typeof summaryMaker>;
  /** The plan as it holds now: a canary that is rolled back meanwhile answers nothing more. */
  planNow: () => Promise<TrafficPlan>;
  promptOf: (target: Target) => Promise<Prompt>;
  cache: ResultCache;
  clock: Clock;
  timing: Timing;
  model: string;
  family: string;
  batch: BatchSpec;
  run: string;
}): (due: DueItem) => Promise<AnsweredItem> {
  const redactor = createRedactor({ patterns: [] });
  /** From now on, since a run may be held in its middle for longer than a summary lives. */
  const expiry = (): string => new Date(Date.parse(clock.now()) + milliseconds(batch.ttl)).toISOString();

  async function ask(due: DueItem, target: Target, arm: 'champion' | 'challenger'): Promise<Made> {
    const question = questionOf({ snippets: due.snippets, language: batch.language });
    const asked: Asked = { target, prompt: await promptOf(target), question, reviews: due.snippets.length };
    return await make({ ...asked, arm });
  }

  /** The challenger's word; null where it has none, which is never the item's loss. */
  async function askChallenger(due: DueItem, target: Target): Promise<{ made: Made | null; failure: string | null }> {
    try {
      const made = await ask(due, target, 'challenger');
      return { made, failure: made.problem };
    } catch (error) {
      if (!(error instanceof PortError)) throw error;
      return { made: null, failure: error.message };
    }
  }

  function summaryOf({
    due,
    made,
    releaseId,
    failedRelease,
    expiresAt,
  }: {
    due: DueItem;
    made: Made;
    releaseId: string;
    failedRelease: string | null;
    expiresAt: string;
  }): StoredSummary {
    const { pros, cons, summary, sources } = made.summary!;
    return {
      ...{ family, item: due.item, model, release: releaseId, inputDigest: made.inputDigest, label: summaryLabel },
      ...{ language: batch.language, pros, cons, summary },
      sources: sources.map((source) => {
        const { text, ...snippet } = due.snippets[source - 1]!;
        return { ...snippet, snippet: text };
      }),
      reviews: { all: due.all, shown: due.snippets.length },
      ...{ milliseconds: made.milliseconds, failedRelease, generatedAt: clock.now(), run, expiresAt },
    };
  }

  /** Keeps when it was made where the very same summary stands already: it is confirmed, not written anew. */
  async function keep(summary: StoredSummary): Promise<void> {
    const before = await throughOutage({ timing, work: () => cache.get(summary) });
    const same = before !== null && before.inputDigest === summary.inputDigest;
    const kept = same ? { ...summary, generatedAt: before.generatedAt } : summary;
    await throughOutage({ timing, work: () => cache.put({ summary: kept }) });
  }

  /** Without a new summary, one that the serving release did not make has nobody who stands for it any more. */
  async function withdraw({ item }: DueItem, releaseId: string | null): Promise<void> {
    const before = await throughOutage({ timing, work: () => cache.get({ family, item }) });
    if (before === null || before.model !== model || before.release === releaseId) return;
    await throughOutage({ timing, work: () => cache.remove({ family, item }) });
  }

  return async (due) => {
    const { item, before } = due;
    const plan = await planNow();
    const { arm, bucket, mirrors } = assignItem({ plan, item });
    const expiresAt = expiry();
    const seen = { item, reviews: due.reviews, shadowed: before?.shadowed ?? null, expiresAt };
    if (due.snippets.length === 0) {
      await withdraw(due, null);
      return {
        seen: { ...seen, release: plan.champion.releaseId, state: 'tooFew' },
        ...{ letter: null, pair: null, calls: 0, repaired: 0, unformatted: 0 },
      };
    }
    const challenger = arm === 'challenger' || mirrors ? await askChallenger(due, plan.challenger!) : null;
    const serves = arm === 'challenger' && challenger?.failure === null;
    const champion = serves ? null : await ask(due, plan.champion, 'champion');
    const made = champion ?? challenger!.made!;
    const releaseId = serves ? plan.challenger!.releaseId : plan.champion.releaseId;
    const failedRelease = arm === 'challenger' && !serves ? plan.challenger!.releaseId : null;
    if (made.summary !== null) await keep(summaryOf({ due, made, releaseId, failedRelease, expiresAt }));
    else await withdraw(due, releaseId);
    const asked = [champion, challenger?.made].filter((one) => one !== null && one !== undefined && !one.stored);
    return {
      seen: {
        ...seen,
        // Who was to answer, so that a champion that steps in is not taken for another release the next time.
        release: arm === 'challenger' ? plan.challenger!.releaseId : releaseId,
        shadowed: mirrors ? plan.challenger!.releaseId : seen.shadowed,
        state: made.summary === null ? 'deadLettered' : 'summarised',
      },
      letter: made.summary === null ? letterOf({ item, releaseId, made, at: clock.now() }) : null,
      pair: mirrors && champion ? pairOf({ due, plan, bucket, champion, challenger: challenger! }) : null,
      calls: asked.reduce((sum, one) => sum + (one?.calls ?? 0), 0),
      repaired: asked.filter((one) => one?.repaired).length,
      unformatted: asked.reduce((sum, one) => sum + (one?.unformatted ?? 0), 0),
    };
  };

  /** Both answers to one item, personal data replaced by the same placeholders throughout. */
  function pairOf({
    due,
    plan,
    bucket,
    champion,
    challenger,
  }: {
    due: DueItem;
    plan: TrafficPlan;
    bucket: number;
    champion: Made;
    challenger: { made: Made | null; failure: string | null };
  }): ShadowPair {
    const question = questionOf({ snippets: due.snippets, language: batch.language });
    const { made, failure } = challenger;
    const { texts } = redactor.redact({ texts: [question, champion.reply ?? '', made?.reply ?? failure ?? ''] });
    const [query, championSaid, challengerSaid] = texts as [string, string, string];
    const release = plan.challenger!.releaseId;
    const latencyOf = ({ stored, milliseconds: took }: Made): number | null => (stored ? null : took);
    const tokensOf = ({ promptTokens, completionTokens }: Made) => ({ promptTokens, completionTokens });
    return {
      ...{ at: clock.now(), id: pairId({ plan, item: due.item }), model, revision: plan.revision, bucket },
      request: { query, messages: [{ role: 'user', content: query }] },
      champion: {
        ...{ release: plan.champion.releaseId, answer: championSaid, latencyMs: latencyOf(champion) },
        ...tokensOf(champion),
      },
      challenger:
        made === null
          ? { release, error: { kind: 'unusable', message: challengerSaid }, latencyMs: 0 }
          : { release, answer: challengerSaid, latencyMs: latencyOf(made), ...tokensOf(made) },
    };
  }
}

const letterOf = ({
  item,
  releaseId,
  made,
  at,
}: {
  item: string;
  releaseId: string;
  made: Made;
  at: string;
}): DeadItem => ({
  ...{ item, release: releaseId, reason: made.problem ?? 'no answer', at },
  reply: made.reply?.slice(0, longestReply) ?? null,
});
