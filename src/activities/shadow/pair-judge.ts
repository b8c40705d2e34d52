import type { ShadowPair } from '../../contracts/shadow-pair.js';
import type { JudgeRole } from '../../domain/rollout/shadow/shadow-gates.js';
import { openLiveJudge, type LiveJudge, type LiveJudgeInput } from '../judging/live-judge.js';

const metric = 'pairwisePreference';
const changedItsMind = 'the judge changed its mind with the order of the answers';

export interface PairJudge extends Pick<LiveJudge, 'name' | 'spentUsd' | 'stored'> {
  role: NonNullable<JudgeRole>;
  /** Which answer is better, asked blind in both orders. */
  prefer(pair: ShadowPair): Promise<{ preference: number | null; preferenceReason: string | null }>;
}

/** The conversation as a judge reads it; a single question stands alone. */
function questionOf({ request: { query, messages } }: ShadowPair): string {
  if (messages.length <= 1) return query;
  return messages.map(({ role, content }) => `${role}: ${content}`).join('\n');
}

/** A judge of live pairs, with a budget of its own. It decides only where it is calibrated or the spec names the metric. */
export async function openPairJudge(input: LiveJudgeInput): Promise<PairJudge> {
  const budgetField = 'rollout.shadow.budgetUsd';
  const live = await openLiveJudge({ input, metric, stage: 'shadow', budgetField });
  return {
    name: live.name,
    role: { decides: live.decides, reason: live.reason },
    prefer: async (pair) => {
      const { champion, challenger } = pair;
      if ('error' in challenger) return { preference: 0, preferenceReason: null };
      const judged = await live.score({
        caseId: pair.id,
        challenger: {
          question: questionOf(pair),
          answer: challenger.answer,
          // Nobody knows the right answer to a live question.
          reference: '(there is none)',
          documents: [],
          championAnswer: champion.answer,
        },
      });
      if (judged.score === null) return { preference: null, preferenceReason: judged.reason };
      // A tie of a judge that follows the place would speak for a challenger that need only not be worse.
      const turned = (judged.details['positionBias'] ?? 'none') !== 'none';
      return turned
        ? { preference: null, preferenceReason: changedItsMind }
        : { preference: judged.score, preferenceReason: null };
    },
    spentUsd: live.spentUsd,
    stored: live.stored,
  };
}
