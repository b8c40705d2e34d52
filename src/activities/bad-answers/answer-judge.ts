import { openLiveJudge, type LiveJudge, type LiveJudgeInput } from '../judging/live-judge.js';

/** The one metric that needs neither a right answer nor documents, which live questions do not have. */
const metric = 'answerRelevancy';
/** From here on an answer is good where no calibration says otherwise: half of what it says helps. */
const passAtUncalibrated = 0.5;

export interface JudgedAnswer {
  judged: number | null;
  judgedReason: string | null;
  bad: boolean;
}

export interface AnswerJudge extends Pick<LiveJudge, 'name' | 'decides' | 'reason' | 'spentUsd' | 'stored'> {
  judge(input: { id: string; question: string; answer: string }): Promise<JudgedAnswer>;
}

/** A judge of single live answers, with a budget of its own; it decides only where it is calibrated or the spec says so. */
export async function openAnswerJudge(input: LiveJudgeInput): Promise<AnswerJudge> {
  const budgetField = 'rollout.canary.badAnswers.budgetUsd';
  const { score, passAt, ...live } = await openLiveJudge({ input, metric, stage: 'canary', budgetField });
  return {
    ...live,
    judge: async ({ id, question, answer }) => {
      const challenger = { question, answer, reference: '', documents: [], championAnswer: null };
      const { score: judged, reason: missing } = await score({ caseId: id, challenger });
      const bad = judged !== null && judged < (passAt ?? passAtUncalibrated);
      return { judged, judgedReason: judged === null ? missing : null, bad };
    },
  };
}
